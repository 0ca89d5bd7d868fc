// Package validation runs every comparison of the simulator with data that nobody here made.
package validation

import (
	"errors"
	"fmt"
	"io/fs"

	"dse/sim/agreement"
	"dse/sim/dram"
	"dse/sim/nest/timeloop"
	"dse/sim/nest/zigzag"
	"dse/sim/silicon/edgetpu"
	"dse/sim/silicon/ethosu"
	"dse/sim/silicon/eyeriss"
	"dse/sim/silicon/gap9"
	"dse/sim/silicon/gemmini"
	"dse/sim/silicon/nvdla"
	"dse/sim/silicon/stm32n6"
	"dse/sim/silicon/technology"
	"dse/sim/systolic/scalesim"
)

// sources are the folders of reference data with what compares them, in the order of reports.
var sources = []struct {
	folder   string
	validate func(fs.FS) ([]agreement.Row, error)
}{
	{"scalesim", scalesim.Validate},
	{"timeloop", timeloop.Validate},
	{"zigzag", zigzag.Validate},
	{"dram", dram.Validate},
	{"silicon", silicon},
}

// silicon compares with what was measured on chips, or on models of them that their makers stand for.
func silicon(data fs.FS) (rows []agreement.Row, err error) {
	for _, validate := range []func(fs.FS) ([]agreement.Row, error){
		gemmini.Validate, eyeriss.Validate, ethosu.Validate, stm32n6.Validate, edgetpu.Validate, nvdla.Validate, gap9.Validate, technology.Validate,
	} {
		got, err := validate(data)
		if err != nil {
			return nil, err
		}
		rows = append(rows, got...)
	}
	return rows, nil
}

// Run compares with every source that data has a folder for. It returns the names of those that it
// has not, and an error if it has none.
func Run(data fs.FS) (rows []agreement.Row, missing []string, err error) {
	for _, s := range sources {
		folder, err := fs.Sub(data, s.folder)
		if err != nil {
			return nil, nil, err
		}
		if _, err := fs.Stat(data, s.folder); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, s.folder)
			continue
		}
		got, err := s.validate(folder)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", s.folder, err)
		}
		rows = append(rows, got...)
	}
	if len(missing) == len(sources) {
		return nil, missing, fmt.Errorf("there is no folder of reference data; want any of %v", missing)
	}
	return rows, missing, nil
}
