// Package technology compares the derived energies, areas and leakage of dse/accel/technology with
// published figures that did not fix its constants.
//
// Left out are the rows that did (fitted lists them), floating point, DRAM, figures without
// a unit, and the buffers of Bit Fusion's simulator, which repeat rows of its CACTI sweep: its weight
// buffer of 64 KB is 512 banks of 128 B, its input buffer of 32 KB 16 banks of 2 KB.
package technology

import (
	"errors"
	"fmt"
	"io/fs"

	"dse/accel/technology"
	"dse/sim/agreement"
)

// Source is the name of the reference in a comparison.
const Source = "technology"

// Validate compares whatever files with such figures data has: energy_per_op.csv, precision_scaling.csv and, for
// area, nvdla.csv.
func Validate(data fs.FS) ([]agreement.Row, error) {
	var rows []agreement.Row
	for _, f := range []struct {
		name    string
		compare func(*agreement.Table) ([]agreement.Row, error)
	}{
		{"energy_per_op.csv", operations}, {"precision_scaling.csv", precision}, {"nvdla.csv", cores},
	} {
		table, err := agreement.ReadFile(data, f.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		got, err := f.compare(table)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		rows = append(rows, got...)
	}
	return rows, nil
}

// fitted are the rows of energy_per_op.csv that fix constants of the model, as operation, size and value.
var fitted = map[[3]string]bool{
	{"int add", "8 bit", "0.03"}:                                                true,
	{"int add", "32 bit", "0.1"}:                                                true,
	{"cache/SRAM read, 64 bit", "32 KB", "20"}:                                  true,
	{"cache/SRAM read, 64 bit", "1 MB", "100"}:                                  true,
	{"register, per bit", "1 ns", "0.009"}:                                      true,
	{cacti + "read, 32-bit word, 1 bank(s) (CACTI 7)", "128 B", "0.6837"}:       true,
	{cacti + "write, 32-bit word, 1 bank(s) (CACTI 7)", "128 B", "0.9253"}:      true,
	{cacti + "read, 32-bit word, 1 bank(s) (CACTI 7)", "1024 B", "1.1332"}:      true,
	{cacti + "write, 32-bit word, 1 bank(s) (CACTI 7)", "1024 B", "3.2960"}:     true,
	{cacti + "read, 32-bit word, 1 bank(s) (CACTI 7)", "4096 B", "3.4295"}:      true,
	{cacti + "write, 32-bit word, 1 bank(s) (CACTI 7)", "4096 B", "4.3101"}:     true,
	{cacti + "read, 32-bit word, 1 bank(s) (CACTI 7)", "16384 B", "9.9817"}:     true,
	{cacti + "write, 32-bit word, 1 bank(s) (CACTI 7)", "16384 B", "8.4209"}:    true,
	{pe + "fixed 4x4 bit", "4x4 array average", "0.0824"}:                       true,
	{pe + "fixed 16x16 bit", "4x4 array average", "0.6027"}:                     true,
	{pe + "bit-fusion up to 4x4, down to 2x2", "4x4 array average", "0.1178"}:   true,
	{pe + "bit-fusion up to 16x16, down to 2x2", "4x4 array average", "2.1134"}: true,
}

// The beginnings of operations in energy_per_op.csv.
const (
	cacti = "SRAM "
	pe    = "systolic PE, dynamic energy per cycle, "
)

// leakageFitted are the rows whose leakage fixes a constant: of SRAM by size, of a PE by operation.
var leakageFitted = map[string]bool{"1024 B": true, "16384 B": true, pe + "fixed 8x8 bit": true}

// node returns a process node. That of the file must be within the published scaling.
func node(r agreement.Record) (technology.Node, error) {
	n, err := technology.At(r.Int("technology_nm"), 0)
	if err != nil {
		return n, r.Errorf("%v", err)
	}
	return n, nil
}
