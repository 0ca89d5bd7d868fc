package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/models"
	"dse/sim"
	"dse/sim/event"
	"dse/sim/memorymap"
)

// fidelities are the ways to simulate, the default first.
var fidelities = []string{"analytical", "event"}

func newSimCommand() *cobra.Command {
	var accelName, model, bits, fidelity string
	var o simOutput
	var mapping mappingFlags
	asJSON := false
	c := &cobra.Command{
		Use:   "sim",
		Short: "Show what a network costs on an accelerator",
		Long: `Simulates one inference: time and energy by cause, traffic, and the resource that binds. The analytical
fidelity prices the layers with closed forms; the event-driven one plays the same tiles through DRAM banks, DMA
queues, memory banks and the array.`,
		Example: `  dse sim --accel edge-npu --bits 8/8 --layers
  dse sim --accel my-chip.yaml --model mobilenetv2-micro --bits 4/8 --json
  dse sim --model mobilenetv2-1.0-224 --fidelity event --map
  dse sim --model mobilenetv2-1.0-224 --mapper latency    the best mapping of each layer, and how good it is`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !slices.Contains(fidelities, fidelity) {
				return input(fmt.Errorf("--fidelity: want %s, got %q", strings.Join(fidelities, " or "), fidelity))
			}
			a, err := accel.Load(accelName)
			if err != nil {
				return input(err)
			}
			n, err := models.Build(model)
			if err != nil {
				return input(fmt.Errorf("--model: %w", err))
			}
			w, act, err := parseBits(bits)
			if err != nil {
				return input(err)
			}
			p := n.Uniform(n.PerTensor(), w, act)
			if mapping.asked() {
				if fidelity != "analytical" || o.memories {
					return input(fmt.Errorf("--mapper and --mapping price the analytical fidelity; leave --fidelity and --map out, which follow the fixed rule"))
				}
				return mapping.run(c.OutOrStdout(), a, n, p, asJSON)
			}
			s, err := simulate(a, n, p, fidelity)
			if err != nil {
				return input(err)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), s)
			}
			return s.write(c.OutOrStdout(), a, n, o)
		},
	}
	fl := c.Flags()
	fl.StringVar(&accelName, "accel", "edge-npu", "accelerator: a YAML file, or a preset's name")
	fl.StringVar(&model, "model", "mobilenetv2-micro", "network (see dse model list)")
	fl.StringVar(&bits, "bits", "8/8", "bits of all weights / of all activations")
	fl.StringVar(&fidelity, "fidelity", fidelities[0], "analytical, or event: event-driven")
	fl.BoolVar(&o.layers, "layers", false, "show every layer")
	fl.BoolVar(&o.memories, "map", false, "show what lies where on the chip, and when")
	mapping.define(fl)
	fl.BoolVar(&asJSON, "json", false, "print the whole result as JSON, layers and memory map included")
	return c
}

// simOutput says what is shown besides the totals.
type simOutput struct{ layers, memories bool }

// simulation is a result with what belongs to it; its fields are those of the JSON.
type simulation struct {
	Fidelity string
	*sim.Result
	// Analytical is the price of what was played, if it was.
	Analytical sim.Clocks `json:",omitempty"`
	Events     int64      `json:",omitempty"`
	Map        []memorymap.Memory

	precision *models.Precision
}

// simulate runs a network at one of the fidelities and maps its memories.
func simulate(a *accel.Accelerator, n *models.Network, p *models.Precision, fidelity string) (*simulation, error) {
	s, err := sim.New(a, n)
	if err != nil {
		return nil, err
	}
	// A mistake in dram.timing shows whatever the fidelity.
	engine, err := event.New(a)
	if err != nil {
		return nil, err
	}
	r := &simulation{Fidelity: fidelity, precision: p}
	if fidelity == "event" {
		plan, err := s.Schedule(p)
		if err != nil {
			return nil, err
		}
		r.Result = engine.Play(plan)
		r.Analytical, r.Events = plan.Result.Cycles, engine.Stats().Total()
	} else if r.Result, err = s.Run(p); err != nil {
		return nil, err
	}
	if err := r.Check(n); err != nil {
		return nil, fmt.Errorf("the %s simulation breaks a law of conservation: %w", fidelity, err)
	}
	occupants, err := s.Occupants(p)
	if err != nil {
		return nil, err
	}
	r.Map, err = memorymap.New(a, occupants, len(r.Layers))
	return r, err
}

// parseBits reads "8/8" or "4/8": weight and activation bits.
func parseBits(text string) (w, a models.Width, err error) {
	parts := strings.Split(text, "/")
	var v [2]models.Width
	if len(parts) != 2 {
		return 0, 0, fmt.Errorf("--bits: want WEIGHTS/ACTIVATIONS such as 4/8, got %q", text)
	}
	for i, s := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || models.Width(n) < models.MinWidth || models.Width(n) > models.MaxWidth {
			return 0, 0, fmt.Errorf("--bits: %q is not a whole number of bits from %v to %v", s, models.MinWidth, models.MaxWidth)
		}
		v[i] = models.Width(n)
	}
	return v[0], v[1], nil
}
