package technology

import (
	"fmt"
	"strconv"

	"dse/accel/technology"
	"dse/sim/agreement"
)

// precision compares precision_scaling.csv: the energy of a MAC against the bits of its operands, where the
// file states it for synthesised PEs, and how it falls from a chip's native width to a narrow one, where
// the file states both. Chips divide all of their power by their MACs, the model that of the array.
func precision(table *agreement.Table) ([]agreement.Row, error) {
	perMAC := agreement.New(Source, "PE, pJ per MAC against bits")
	falling := agreement.New(Source, "energy of a narrow MAC / native")
	var chips []chip
	err := table.Records(func(r agreement.Record) error {
		w, errW := strconv.Atoi(r.Text("weight_bits"))
		a, errA := strconv.Atoi(r.Text("activation_bits"))
		if errW != nil || errA != nil {
			return nil
		}
		design, pJ := r.Text("design"), r.Float("energy_per_mac_pJ")
		switch r.Text("kind") {
		case "synthesis":
			p, share, ok := synthesised(design, w, a, r.Float("throughput_relative_to_8x8"))
			if !ok || pJ == 0 {
				return nil
			}
			n, err := node(r)
			if err != nil {
				return err
			}
			perMAC.Add(fmt.Sprintf("%s, %d x %d bit", design, w, a), float64(n.Energy(p))/share, pJ)
		case "chip", "post-layout":
			m := mode{weight: w, activation: a, gops: r.Float("throughput_gops"), pJ: pJ}
			if tops := r.Float("tops_per_w"); tops > 0 {
				m.pJ = 2 / tops // two operations per MAC
			}
			if m.gops > 0 && m.pJ > 0 {
				chips = add(chips, design, m)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, c := range chips {
		native := c.native()
		for _, m := range c.modes {
			if m != native {
				falling.Add(fmt.Sprintf("%s, %d x %d bit", c.name, m.weight, m.activation), native.gops/m.gops, m.pJ/native.pJ)
			}
		}
	}
	return []agreement.Row{perMAC.Row(), falling.Row()}, nil
}

// chip is a design with the modes that the file states throughput and energy of.
type chip struct {
	name  string
	modes []mode
}

type mode struct {
	weight, activation int
	gops, pJ           float64
}

// add appends a mode to its design, in the order of the file.
func add(chips []chip, name string, m mode) []chip {
	for i := range chips {
		if chips[i].name == name {
			chips[i].modes = append(chips[i].modes, m)
			return chips
		}
	}
	return append(chips, chip{name, []mode{m}})
}

// native returns the widest mode.
func (c *chip) native() mode {
	native := c.modes[0]
	for _, m := range c.modes {
		if m.weight*m.activation > native.weight*native.activation {
			native = m
		}
	}
	return native
}

// synthesised returns the PE of a design and the MACs that share a cycle of it. The fixed PEs of 4 and 16 bit fix
// constants of the model and are left out.
func synthesised(design string, w, a int, throughput float64) (p technology.PE, share float64, ok bool) {
	switch {
	case design == "fixed-width systolic PE" && w != 4 && w != 16:
		return technology.PE{Weight: w, Activation: a, Sum: w + a + 2}, 1, true
	case design == "Bit Fusion PE (8 bit max, 2 bit min)" && throughput > 0:
		return technology.PE{Weight: 8, Activation: 8, Sum: 18, Splits: 2}, throughput, true
	}
	return technology.PE{}, 0, false
}
