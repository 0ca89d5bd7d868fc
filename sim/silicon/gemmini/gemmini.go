// Package gemmini compares the simulator with cycles of Gemmini's RTL, simulated on FPGAs with FireSim by
// the DOSA project (Hong et al., MICRO 2023): layers of four networks with the tiles of Gemmini's C
// library and with tiles given by a mapping, and random mappings.
//
// The library's tiles are those for its default buffers, of which a tile takes half; cycles for
// searched designs with other buffers do not differ beyond the noise of repeated runs (some 5 %). They
// include the time in which the host computes the tile size. Tiles given by a mapping take at most the
// buffers of the row, on hardware that has them twice.
package gemmini

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"dse/accel"
	"dse/sim/agreement"
	"dse/sim/null"
	"dse/sim/pipeline"
)

const source = "gemmini"

const preset = "gemmini-16x16"

// Validate compares with gemmini.csv. It returns no rows if there is no such file.
func Validate(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "gemmini.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	chips := chips{}
	if _, err := chips.of(16); err != nil {
		return nil, err
	}
	byLibrary, given := agreement.New(source, "cycles, default mapper"), agreement.New(source, "cycles, given mapping")
	err = table.Records(func(r agreement.Record) error {
		kind := r.Text("kind")
		if kind != "firesim_rtl_layer" && kind != "firesim_rtl_random_mapping" {
			given.Skip(r.Text("workload"), "a whole network, of which array and buffers are not known")
			return nil
		}
		p, err := programOf(r)
		if err != nil {
			return err
		}
		if r.Text("default_mapper_cycles") != "" {
			if err := chips.compare(byLibrary, p.name, p, r.Int("array_rows"), (*chip).libraryTiles, r.Float("default_mapper_cycles")); err != nil {
				return r.Errorf("%v", err)
			}
		}
		if r.Text("given_mapping_cycles") == "" {
			return nil
		}
		m, err := parseMapping(r.Text("given_mapping"))
		if err != nil {
			return r.Errorf("%v", err)
		}
		side := m.side(kind == "firesim_rtl_layer", r.Int("array_rows"))
		tiles := func(_ *chip, p *program) *pipeline.Tiling { return p.tiling(m, side) }
		if err := chips.compare(given, p.name+", "+r.Text("given_mapping"), p, side, tiles, r.Float("given_mapping_cycles")); err != nil {
			return r.Errorf("%v", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []agreement.Row{byLibrary.Row(), given.Row()}, nil
}

// chips are the preset with square arrays of other sides.
type chips map[int]*chip

type chip struct {
	accelerator *accel.Accelerator
	machine     *pipeline.Machine
}

func (c chips) of(side int) (*chip, error) {
	if known := c[side]; known != nil {
		return known, nil
	}
	a, err := accel.Load(preset)
	if err != nil {
		return nil, err
	}
	a, err = accel.With(a, map[string]string{
		"array.rows": strconv.Itoa(side), "array.cols": strconv.Itoa(side), "vector.lanes": strconv.Itoa(side),
	})
	if err != nil {
		return nil, fmt.Errorf("%s with an array of %d x %d: %w", preset, side, side, err)
	}
	m, err := pipeline.New(a)
	if err != nil {
		return nil, err
	}
	c[side] = &chip{a, m}
	return c[side], nil
}

func (c chips) compare(with *agreement.Comparison, name string, p *program, side int, tiles func(*chip, *program) *pipeline.Tiling, reference float64) error {
	on, err := c.of(side)
	if err != nil {
		return err
	}
	cost, err := on.machine.Price(p.problem, tiles(on, p))
	if err != nil {
		return err
	}
	var names []string
	for m := range null.Models {
		names = append(names, null.Model(m).String())
	}
	nulls := null.LayerCycles(on.accelerator, p.layer(), 8)
	with.AddMeasured(name, cost.Cycles, reference, names, nulls[:])
	return nil
}

// libraryTiles returns the tiles that Gemmini's library takes on the chip.
func (c *chip) libraryTiles(p *program) *pipeline.Tiling {
	scratchpad, accumulator := c.machine.Half()
	return library{c.machine.Side(), scratchpad, accumulator}.tiling(p.problem)
}
