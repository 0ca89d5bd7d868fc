// Package nvdla compares the simulator with the official performance spreadsheet of NVDLA
// (NVDLA_OpenSource_Performance.xlsx, github.com/nvdla/hw): cycles of the multipliers and of the DRAM for
// each layer of three networks, and milliseconds of layers and networks. The spreadsheet is a vendor's
// estimate, not silicon. The simulator runs the preset nvdla-large.
//
// Three things are the spreadsheet's own and not the chip's: it pools some layers' results before they are
// written, shares the weights of AlexNet's dense layers among 16 images, and reads GoogLeNet's Winograd
// filters untransformed. The traffic of the simulator is scaled by the first two (row.go) before it is compared. The
// third contradicts what the spreadsheet does in other networks, so only the quantities "GoogLeNet's filters
// untransformed" follow it. The longer of multipliers and DRAM is the time.
//
// "ms, primer" compares the frames per second of the NVDLA primer for designs of other sizes (primer.go). It says
// neither what is fused nor whether Winograd is used; the layers of the spreadsheet's ResNet-50 are taken.
//
// Rows of other kinds are not compared: FPGA and FireSim rows include a processor and a compiler; Orin's DLA is
// another design. So is the network with 4 MB of SRAM on a second interface, whose traffic the spreadsheet
// does not list.
package nvdla

import (
	"errors"
	"io/fs"

	"dse/accel"
	"dse/accel/unit"
	"dse/sim"
	"dse/sim/agreement"
	"dse/sim/null"
	"dse/sim/silicon/onelayer"
)

// Source is the name of the reference in a comparison.
const Source = "nvdla"

const file = "nvdla.csv"

// Validate compares every row of the spreadsheet in data, nothing where data have no such table.
func Validate(data fs.FS) ([]agreement.Row, error) {
	chip, err := accel.Load("nvdla-large")
	if err != nil {
		return nil, err
	}
	table, err := agreement.ReadFile(data, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	mac, dram := agreement.New(Source, "mac cycles"), agreement.New(Source, "DRAM cycles")
	untransformed := agreement.New(Source, "DRAM cycles, GoogLeNet's filters untransformed")
	other := agreement.New(Source, "ms, GoogLeNet's filters untransformed")
	time, whole := agreement.New(Source, "ms"), agreement.New(Source, "ms, network")
	primer := agreement.New(Source, "ms, primer")
	err = table.Records(func(r agreement.Record) error {
		switch r.Text("kind") {
		case "vendor_spreadsheet_layer":
			l, err := parse(r.Text("network"), r.Text("layer"))
			if err != nil {
				return r.Errorf("%v", err)
			}
			c, err := price(chip, &l)
			if err != nil {
				return r.Errorf("%v", err)
			}
			name := l.network + " " + l.name
			mac.AddMeasured(name, c.mac, r.Float("mac_cycles"), named(null.Peak, null.Tiled), c.null[:null.TiledBytes])
			bytes := []float64{c.null[null.TiledBytes] - c.null[null.Tiled]}
			dram.AddMeasured(name, c.dram, r.Float("dram_cycles"), []string{"bytes / bandwidth"}, bytes)
			untransformed.AddMeasured(name, c.untransformed, r.Float("dram_cycles"), []string{"bytes / bandwidth"}, bytes)
			time.AddMeasured(name, c.ms(chip), r.Float("latency_ms"), named(null.Peak, null.Tiled, null.TiledBytes), c.nullMS(chip))
			c.dram = c.untransformed
			other.AddMeasured(name, c.ms(chip), r.Float("latency_ms"), named(null.Peak, null.Tiled, null.TiledBytes), c.nullMS(chip))
		case "vendor_spreadsheet":
			layers := networkOf(r.Text("network"))
			if layers == nil {
				whole.Skip(r.Text("network"), "the traffic of a second memory interface is not listed, or the network is not known")
				return nil
			}
			ms, nulls, err := sum(chip, layers)
			if err != nil {
				return r.Errorf("%v", err)
			}
			whole.AddMeasured(r.Text("network"), ms, r.Float("latency_ms"), named(null.Peak, null.Tiled, null.TiledBytes), nulls)
		case "vendor_estimate":
			layers := networkOf(r.Text("network"))
			if layers == nil {
				primer.Skip(r.Text("network"), "the network is not known")
				return nil
			}
			a, err := design(r.Int("int8_macs"), r.Int("cbuf_kb"), r.Float("clock_mhz"), r.Float("dram_gb_per_s"))
			if err != nil {
				return r.Errorf("%v", err)
			}
			ms, nulls, err := sum(a, layers)
			if err != nil {
				return r.Errorf("%v", err)
			}
			primer.AddMeasured(r.Text("config"), ms, r.Float("latency_ms"), named(null.Peak, null.Tiled, null.TiledBytes), nulls)
		default:
			whole.Skip(r.Text("config")+", "+r.Text("network"), "a whole system, or another design than the open NVDLA")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []agreement.Row{mac.Row(), dram.Row(), untransformed.Row(), time.Row(), other.Row(), whole.Row(), primer.Row()}, nil
}

// sum returns the time of a network's layers, one after another, and what null models say.
func sum(chip *accel.Accelerator, layers []layer) (ms float64, nulls []float64, err error) {
	nulls = make([]float64, null.Models)
	for i := range layers {
		c, err := price(chip, &layers[i])
		if err != nil {
			return 0, nil, err
		}
		ms += c.ms(chip)
		for m, v := range c.nullMS(chip) {
			nulls[m] += v
		}
	}
	return ms, nulls, nil
}

func named(of ...null.Model) []string {
	var names []string
	for _, m := range of {
		names = append(names, m.String())
	}
	return names
}

// cost of a layer, in cycles.
type cost struct {
	mac, dram     float64
	untransformed float64 // dram with filters as the spreadsheet reads those of one network
	null          [null.Models]float64
}

// price runs a layer on the chip at 8 bits.
func price(chip *accel.Accelerator, l *layer) (*cost, error) {
	n, index, err := onelayer.Network(l.model())
	if err != nil {
		return nil, err
	}
	s, err := sim.New(chip, n)
	if err != nil {
		return nil, err
	}
	p := n.Uniform(n.PerTensor(), 8, 8)
	result, err := s.Run(p)
	if err != nil {
		return nil, err
	}
	for i := range result.Layers {
		r := &result.Layers[i]
		if r.Layer != index {
			continue
		}
		moved := r.DRAM.Total().Total() - r.DRAM.Weights.Read - r.DRAM.Outputs.Write
		weights := float64(r.DRAM.Weights.Read) / l.images()
		rest := float64(moved) + float64(r.DRAM.Outputs.Write)*l.written()
		perCycle := float64(chip.DRAM.Bandwidth) * chip.DRAM.Efficiency * unit.BitsPerByte / float64(chip.Clock)
		return &cost{
			mac:  float64(r.Busy.Compute + r.Busy.ArrayFill),
			dram: (rest + weights) / perCycle, untransformed: (rest + weights*l.filters()) / perCycle,
			null: null.Layer(chip, n, p, index),
		}, nil
	}
	panic("nvdla: the layer did not run")
}

// ms returns the layer's time.
func (c *cost) ms(chip *accel.Accelerator) float64 {
	return max(c.mac, c.dram) / float64(chip.Clock) * 1e3
}

func (c *cost) nullMS(chip *accel.Accelerator) []float64 {
	out := make([]float64, null.Models)
	for i, v := range c.null {
		out[i] = v / float64(chip.Clock) * 1e3
	}
	return out
}
