package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"dse/accel"
	"dse/models"
	"dse/reports"
	"dse/sim"
	"dse/sim/mapper"
)

// mappingFlags ask for the mapping of each layer instead of the fixed rule.
type mappingFlags struct {
	objective, file string
	threads         int
}

func (m *mappingFlags) define(fl *pflag.FlagSet) {
	fl.StringVar(&m.objective, "mapper", "", "map each layer for the least latency, energy, edp or traffic")
	fl.StringVar(&m.file, "mapping", "", "file with mappings by layer, such as \"stem: Q14 P56 K32 C3\"; other layers are mapped for --mapper, or for latency")
	fl.IntVar(&m.threads, "threads", 0, "threads of the mapper; 0: all there are")
}

func (m *mappingFlags) asked() bool { return m.objective != "" || m.file != "" }

// run prices the network with the mapping of each layer and shows what was found.
func (m *mappingFlags) run(w io.Writer, a *accel.Accelerator, n *models.Network, p *models.Precision, asJSON bool) error {
	name := m.objective
	if name == "" {
		name = mapper.Latency.String()
	}
	o, err := mapper.ParseObjective(name)
	if err != nil {
		return input(fmt.Errorf("--mapper: %w", err))
	}
	s, err := sim.New(a, n)
	if err != nil {
		return input(err)
	}
	mapped, err := s.NewMapper(o, m.threads)
	if err != nil {
		return input(err)
	}
	if m.file != "" {
		if err := m.give(mapped); err != nil {
			return input(fmt.Errorf("--mapping: %w", err))
		}
	}
	r, err := mapped.Run(p)
	if err != nil {
		return input(err)
	}
	if err := r.Check(n); err != nil {
		return fmt.Errorf("the mapped simulation breaks a law of conservation: %w", err)
	}
	if asJSON {
		return writeJSON(w, r)
	}
	return writeMapped(w, r, o)
}

// give hands the file's mappings over.
func (m *mappingFlags) give(to *sim.Mapper) error {
	f, err := os.Open(m.file)
	if err != nil {
		return err
	}
	defer f.Close()
	given, err := mapper.ReadGiven(f, m.file)
	if err != nil {
		return err
	}
	return to.Give(given)
}

// writeMapped prints a row per mapped layer and the totals.
func writeMapped(w io.Writer, r *sim.Result, o mapper.Objective) error {
	t := reports.Sheet{
		Heading: []string{fmt.Sprintf("%s on %s (%s), each layer mapped for %v: %.4g ms, %.4g uJ per image",
			r.Network, r.Accelerator, r.Status, o, r.Latency.Milliseconds(), r.Energy.Total().Microjoules())},
		Columns: []reports.Heading{
			{Head: "layer", Text: true}, {Head: "loops over tiles,\noutermost first", Text: true}, {Head: "cycles"}, {Head: "bound by", Text: true},
			{Head: "DRAM\nkB"}, {Head: "energy\nuJ"}, {Head: "gap\n%"}, {Head: "mappings\npriced"},
		},
		Notes: []string{"gap: how far the layer's " + o.String() + " is above a bound that no mapping undercuts"},
	}
	for i := range r.Layers {
		l := &r.Layers[i]
		if l.Mapped == nil {
			continue
		}
		t.Rows = append(t.Rows, []string{
			l.Name, l.Mapped.Loops, fmt.Sprintf("%.0f", float64(l.Cycles)), l.Bound.String(), fmt.Sprintf("%.2f", float64(l.DRAM.Total().Total())/8000),
			fmt.Sprintf("%.2f", l.Energy.Total().Microjoules()), fmt.Sprintf("%.2f", l.Mapped.Gap), fmt.Sprint(l.Mapped.Evaluated),
		})
	}
	return reports.WriteSheet(w, t, tableOptions(w))
}
