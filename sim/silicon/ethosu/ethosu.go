// Package ethosu compares the simulator with published cycles and latencies of networks on Arm Ethos-U:
// Arm's fixed virtual platforms, which count the cycles of the NPU, and boards.
package ethosu

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"dse/accel"
	"dse/accel/unit"
	"dse/sim/agreement"
	"dse/sim/silicon/inference"
)

const source = "ethos_u"

// system is what decides the chip of a row.
type system struct {
	npu      string
	macs     int
	sramOnly bool // weights lie in memory as fast as that of activations
	clock    float64
}

// Validate compares with ethos_u.csv: fvp_cycles are the cycles in which the NPU of a virtual platform
// is active, silicon_ms latencies of boards whose NPU and clock are known. Left out are estimates of
// Arm's compiler, which are another model's, and latencies in which a host's share is not told apart.
func Validate(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "ethos_u.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cycles, latencies := agreement.New(source, "fvp_cycles"), agreement.New(source, "silicon_ms")
	chips := map[system]*inference.Chip{}
	err = table.Records(func(r agreement.Record) error {
		name := fmt.Sprintf("%s, %s-%s", r.Text("model"), r.Text("npu"), r.Text("macs_per_cycle"))
		c := latencies
		virtual := r.Text("kind") == "fvp_model"
		if virtual {
			c = cycles
		}
		s, why := systemOf(r, virtual)
		if why != "" {
			c.Skip(name, why)
			return nil
		}
		network, ok := names.Find(r.Text("model"))
		if !ok {
			c.Skip(name, "the name means no built-in network")
			return nil
		}
		chip := chips[s]
		if chip == nil {
			var err error
			if chip, err = s.chip(); err != nil {
				return r.Errorf("%v", err)
			}
			chips[s] = chip
		}
		i, err := chip.Network(network)
		if err != nil {
			c.Skip(name, err.Error())
			return nil
		}
		if virtual {
			c.AddMeasured(name, float64(i.EightBits().Cycles), active(r), inference.NullNames(), i.NullCycles(i.Eight()))
			return nil
		}
		c.AddMeasured(name, i.EightBits().Latency.Milliseconds(), r.Float("latency_ms"), inference.NullNames(), i.NullLatencies(i.Eight()))
		return nil
	})
	return []agreement.Row{cycles.Row(), latencies.Row()}, err
}

// active returns the cycles of a row in which the NPU works, or all if they are not told apart.
func active(r agreement.Record) float64 {
	if v := r.Float("npu_active_cycles"); v > 0 {
		return v
	}
	return r.Float("total_cycles")
}

// systemOf reads the system of a row, or says why the row cannot be compared.
func systemOf(r agreement.Record, virtual bool) (system, string) {
	s := system{
		npu: strings.ToLower(r.Text("npu")), macs: int(r.Float("macs_per_cycle")),
		sramOnly: strings.EqualFold(r.Text("memory_mode"), "Sram_Only"),
	}
	switch kind := r.Text("kind"); {
	case kind == "vela_estimate":
		return s, "an estimate of Arm's compiler is another model's figure"
	case kind == "silicon_end_to_end":
		return s, "the host's share of the latency is not told apart"
	case kind != "silicon" && !virtual:
		return s, "evidence of the kind " + kind + " is not known"
	case s.macs == 0:
		return s, "the number of multipliers is not stated"
	case virtual && active(r) == 0:
		return s, "no cycles are given"
	case !virtual && (r.Float("clock_mhz") == 0 || r.Float("latency_ms") == 0):
		return s, "clock or latency is not stated"
	}
	if !virtual {
		s.clock = r.Float("clock_mhz") * 1e6
	}
	if !slices.Contains(accel.Presets(), s.preset()) {
		return s, fmt.Sprintf("there is no preset of %s with %d multipliers", s.npu, s.macs)
	}
	return s, ""
}

// preset returns the name that the preset of the system would have.
func (s system) preset() string { return fmt.Sprintf("%s-%d", s.npu, s.macs) }

// chip returns the chip of a system.
func (s system) chip() (*inference.Chip, error) {
	return inference.OnPreset(s.preset(), func(a *accel.Accelerator) {
		if s.sramOnly {
			// The second port leads to SRAM as well: a word per cycle.
			m := a.Memories[0]
			a.DRAM.Bandwidth = unit.BytesPerSecond(float64(a.Clock) * float64(m.Banks*m.PortWidth) / unit.BitsPerByte)
		}
		if s.clock > 0 {
			inference.AtClock(unit.Hertz(s.clock))(a)
		}
	})
}
