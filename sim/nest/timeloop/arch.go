package timeloop

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"dse/accel/unit"
	"dse/sim/agreement"
)

// architectures is the table of the machines that the reference cases run on, as they were given to
// the tool. Bandwidths are words per cycle and instance.
//
//go:embed arch.csv
var architectures []byte

// memory is one level of an architecture.
type memory struct {
	name      string
	instances int
	capacity  float64 // words of one instance; 0 is unlimited
	vector    int64   // words that one access moves
	// Bandwidths in words per cycle; 0 is unlimited. The shared one bounds reads and writes together.
	readBW, writeBW, sharedBW float64
	access                    unit.Picojoule // of one vector access
}

// machine is an architecture, memories outermost first.
type machine struct {
	memories []memory
	macs     int
	mac      unit.Picojoule // of one multiply-accumulate
}

func machines() (map[string]*machine, error) {
	table, err := agreement.Read(bytes.NewReader(architectures), "arch.csv")
	if err != nil {
		return nil, err
	}
	all := map[string]*machine{}
	err = table.Records(func(r agreement.Record) error {
		m := all[r.Text("arch")]
		if m == nil {
			m = &machine{}
			all[r.Text("arch")] = m
		}
		if r.Text("level") == "MAC" {
			m.macs, m.mac = r.Int("instances"), unit.Picojoule(r.Float("energy_per_vector_pJ"))
			return nil
		}
		level := memory{
			name: r.Text("level"), instances: r.Int("instances"), vector: int64(r.Int("vector_words")),
			readBW: r.Float("read_bw"), writeBW: r.Float("write_bw"), sharedBW: r.Float("shared_bw"),
			access: unit.Picojoule(r.Float("energy_per_vector_pJ")),
		}
		if r.Text("capacity_words") != "unlimited" {
			level.capacity = r.Float("capacity_words")
		}
		m.memories = append(m.memories, level)
		return nil
	})
	for _, m := range all {
		slices.Reverse(m.memories) // the table begins at the multipliers
	}
	return all, err
}

// index returns the position of a level.
func (m *machine) index(name string) (int, error) {
	i := slices.IndexFunc(m.memories, func(l memory) bool { return l.name == name })
	if i < 0 {
		return 0, fmt.Errorf("the architecture has no level %q", name)
	}
	return i, nil
}
