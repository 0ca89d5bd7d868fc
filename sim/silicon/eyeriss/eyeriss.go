// Package eyeriss compares the simulator with measurements of the chip Eyeriss v1: Chen et al., JSSC 52(1),
// 2017, tables V (AlexNet, batches of 4) and VI (VGG-16, batches of 3). All figures are per batch. The
// simulator runs the preset eyeriss-v1 on each layer; "Total" rows are compared with the sum over the
// network's layers.
//
// The row's share of zeros in the input is an input of the comparison, as the coding of activations in DRAM
// depends on it. The share in the output is not in the row: it is taken as that of the input, but at least a
// half, which a ReLU leaves of values around zero. In a Total row all layers have the row's mean share.
//
//	processing latency  the longer of array and buffer port, without DRAM
//	total latency       with the transfer of the DRAM MB, which overlaps with nothing
//	buffer MB           words between the global buffer and the array, partial sums written and read included;
//	                    the filling from DRAM is not counted
//	DRAM MB             filters, inputs and outputs, activations coded
//	active PEs          PEs at work in a pass; in a Total row, the mean over processing time
package eyeriss

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
const Source = "eyeriss"

const file = "eyeriss.csv"

// Validate compares every row of the tables in data, nothing where data have none.
func Validate(data fs.FS) ([]agreement.Row, error) {
	chip, err := accel.Load("eyeriss-v1")
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
	processing, total := agreement.New(Source, "processing latency"), agreement.New(Source, "total latency")
	buffer, dram := agreement.New(Source, "buffer MB"), agreement.New(Source, "DRAM MB")
	active := agreement.New(Source, "active PEs")
	err = table.Records(func(r agreement.Record) error {
		layers, err := layersOf(r.Text("network"), r.Text("layer"))
		if err != nil {
			return r.Errorf("%v", err)
		}
		batch, zeros := r.Int("batch"), r.Float("zeros_in_ifmap_percent")/100
		if batch < 1 || zeros < 0 || zeros > 1 {
			return r.Errorf("a batch of %d images with %v %% zeros", batch, 100*zeros)
		}
		var sum cost
		for i := range layers {
			c, err := price(chip, &layers[i], batch, zeros)
			if err != nil {
				return r.Errorf("%v", err)
			}
			sum.add(c)
		}
		name := r.Text("network") + " " + r.Text("layer")
		processing.AddMeasured(name, sum.processing, r.Float("processing_latency_ms"), nullModels(), sum.null[:])
		total.AddMeasured(name, sum.total, r.Float("total_latency_ms"), nullModels(), sum.null[:])
		buffer.AddMeasured(name, sum.buffer, r.Float("global_buffer_accesses_MB"), []string{once}, []float64{sum.once})
		dram.AddMeasured(name, sum.dram, r.Float("dram_accesses_MB"), []string{once}, []float64{sum.once})
		active.AddPrinted(name, sum.active/sum.processing, r.Float("active_pes_of_168"), 0.5) // whole numbers
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []agreement.Row{processing.Row(), total.Row(), buffer.Row(), dram.Row(), active.Row()}, nil
}

// once is the null model of traffic.
const once = "each tensor once"

func nullModels() []string {
	names := make([]string, null.Models)
	for m := range null.Models {
		names[m] = null.Model(m).String()
	}
	return names
}

// cost of a batch.
type cost struct {
	processing, total float64 // ms
	buffer, dram      float64 // MB
	active            float64 // PEs times ms
	null              [null.Models]float64
	once              float64 // MB of every tensor moved once
}

func (c *cost) add(d *cost) {
	c.processing += d.processing
	c.total += d.total
	c.buffer += d.buffer
	c.dram += d.dram
	c.active += d.active
	c.once += d.once
	for i := range c.null {
		c.null[i] += d.null[i]
	}
}

// price runs a batch of a layer. Inputs and outputs differ in their zeros, so the chip runs twice: once
// coding as the inputs, once as the outputs.
func price(chip *accel.Accelerator, l *onelayer.Layer, batch int, zeros float64) (*cost, error) {
	in, err := run(chip, l, batch, zeros)
	if err != nil {
		return nil, err
	}
	out, err := run(chip, l, batch, max(zeros, 0.5))
	if err != nil {
		return nil, err
	}
	images := float64(batch)
	ms := func(c float64) float64 { return c / float64(chip.Clock) * 1e3 * images }
	mb := func(bits unit.Bits) float64 { return float64(bits) / unit.BitsPerByte / 1e6 * images }
	r := in.layer
	moved := r.DRAM.Inputs.Read + r.DRAM.Weights.Read + r.DRAM.Metadata.Read + out.layer.DRAM.Outputs.Write
	busy := float64(max(r.Busy.Compute+r.Busy.ArrayFill, r.Busy.Port))
	c := &cost{
		processing: ms(busy), dram: mb(moved),
		buffer: mb(r.SRAM.Inputs.Read + r.SRAM.Outputs.Read + r.SRAM.Outputs.Write),
	}
	perSecond := float64(chip.DRAM.Bandwidth) * chip.DRAM.Efficiency
	c.total = c.processing + c.dram*1e6/perSecond*1e3
	c.active = float64(r.Mapping.ActivePEs) * c.processing
	for m, cycles := range in.null {
		c.null[m] = ms(cycles)
	}
	c.once = (in.null[null.TiledBytes] - in.null[null.Tiled]) / float64(chip.Clock) * perSecond / 1e6 * images
	return c, nil
}

// outcome is one run of a layer, per image.
type outcome struct {
	layer *sim.LayerResult
	null  [null.Models]float64 // cycles
}

// run prices a layer at 16 bits, with images that share the filters and a share of zeros in activations.
func run(chip *accel.Accelerator, l *onelayer.Layer, images int, zeros float64) (*outcome, error) {
	n, index, err := onelayer.Network(*l)
	if err != nil {
		return nil, err
	}
	a := *chip
	a.Array.RowStationary.Batch = images
	a.DRAM.RunLength.Zeros = zeros
	s, err := sim.New(&a, n)
	if err != nil {
		return nil, err
	}
	p := n.Uniform(n.PerTensor(), 16, 16)
	result, err := s.Run(p)
	if err != nil {
		return nil, err
	}
	for i := range result.Layers {
		if result.Layers[i].Layer == index {
			return &outcome{&result.Layers[i], null.Layer(&a, n, p, index)}, nil
		}
	}
	panic("eyeriss: the layer did not run")
}
