package zigzag

import (
	"bytes"
	_ "embed"
	"strconv"
	"strings"

	"dse/accel/unit"
	"dse/sim/agreement"
)

// architectures is the table of the machines that the reference cases run on, as they were given to
// the tool.
//
//go:embed arch.csv
var architectures []byte

// memory is a level of an architecture. All its ports of a direction have the same width.
type memory struct {
	read, write             unit.Bits // port widths
	readEnergy, writeEnergy unit.Picojoule
}

// macEnergy is the energy of one multiply-accumulate at any precision.
const macEnergy unit.Picojoule = 1

// memories returns the memories by architecture and name.
func memories() (map[[2]string]memory, error) {
	table, err := agreement.Read(bytes.NewReader(architectures), "arch.csv")
	if err != nil {
		return nil, err
	}
	all := map[[2]string]memory{}
	return all, table.Records(func(r agreement.Record) error {
		m := memory{
			readEnergy:  unit.Picojoule(r.Float("energy_per_port_word_read_pJ")),
			writeEnergy: unit.Picojoule(r.Float("energy_per_port_word_write_pJ")),
		}
		// "r 256 shared by reads; w 128" or "rw 64 shared by all".
		for _, port := range strings.Split(r.Text("ports_bits_per_cycle"), ";") {
			words := strings.Fields(port)
			if len(words) < 2 {
				return r.Errorf("a port is a direction and a width, got %q", port)
			}
			width, err := strconv.Atoi(words[1])
			if err != nil {
				return r.Errorf("the width of a port must be a whole number, got %q", words[1])
			}
			if strings.Contains(words[0], "r") {
				m.read = unit.Bits(width)
			}
			if strings.Contains(words[0], "w") {
				m.write = unit.Bits(width)
			}
		}
		all[[2]string{r.Text("arch"), r.Text("memory")}] = m
		return nil
	})
}
