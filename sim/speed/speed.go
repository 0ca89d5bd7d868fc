// Package speed measures how fast the simulator works on the machine it runs on. Its figures depend on that
// machine and on what else it does; ratios of one run are worth more than they are.
package speed

import (
	"fmt"
	"slices"
	"time"

	"dse/accel"
	"dse/models"
	"dse/sim"
	"dse/sim/event"
	"dse/sim/mapper"
)

// Report is what was measured, all on one core.
type Report struct {
	Accelerator string `json:"accelerator"`
	// MappingsPerSecond is the rate at which mappings are priced when none is left out: exact traffic, time
	// and energy of each.
	MappingsPerSecond float64   `json:"mappings_per_second_per_core"`
	Networks          []Network `json:"networks"`
	// CostSurface is the time to map the first network at every pair of 1 to 8 bits.
	CostSurface float64 `json:"cost_surface_seconds"`
	// Events are played by the event-driven engine for the first network, those within the DRAM included.
	EventsPerSecond float64 `json:"events_per_second"`
	AllocsPerEvent  float64 `json:"allocs_per_event"`
}

// Network is how long one network takes at 8-bit weights and activations.
type Network struct {
	Name string `json:"name"`
	// Cold is the time from the network to its result with nothing remembered, Warm that of a repetition.
	Cold float64 `json:"cold_seconds"`
	Warm float64 `json:"warm_seconds"`
	// Fixed is the time of a result by the fixed rule, without a mapper.
	Fixed float64 `json:"fixed_rule_seconds"`
	// MedianGap and WorstGap are over the layers with weights: the distance of their latency to a bound that
	// no mapping undercuts.
	MedianGap float64 `json:"median_gap_percent"`
	WorstGap  float64 `json:"worst_gap_percent"`
	WorstName string  `json:"worst_gap_layer"`
	Layers    int     `json:"mapped_layers"`
}

// Measure measures the given networks on a. It takes some seconds.
func Measure(a *accel.Accelerator, networks []*models.Network) (Report, error) {
	r := Report{Accelerator: a.Name}
	for i, n := range networks {
		m, err := measure(a, n)
		if err != nil {
			return r, fmt.Errorf("network %s: %w", n.Name, err)
		}
		r.Networks = append(r.Networks, m)
		if i > 0 {
			continue
		}
		if r.CostSurface, err = surface(a, n); err != nil {
			return r, fmt.Errorf("network %s: %w", n.Name, err)
		}
		if r.MappingsPerSecond, err = rate(a, n); err != nil {
			return r, fmt.Errorf("network %s: %w", n.Name, err)
		}
		played, err := event.Measure(a, n, time.Second)
		if err != nil {
			return r, fmt.Errorf("network %s: %w", n.Name, err)
		}
		r.EventsPerSecond, r.AllocsPerEvent = played.EventsPerSecond(), played.AllocationsPerEvent()
	}
	return r, nil
}

func measure(a *accel.Accelerator, n *models.Network) (Network, error) {
	out := Network{Name: n.Name}
	p := n.Uniform(n.PerTensor(), 8, 8)
	start := time.Now()
	s, m, err := newMapper(a, n)
	if err != nil {
		return out, err
	}
	result, err := m.Run(p)
	if err != nil {
		return out, err
	}
	out.Cold = time.Since(start).Seconds()
	if out.Warm, err = fastest(func() error { _, err := m.Run(p); return err }); err != nil {
		return out, err
	}
	if out.Fixed, err = fastest(func() error { _, err := s.Run(p); return err }); err != nil {
		return out, err
	}
	var gaps []float64
	for i := range result.Layers {
		l := &result.Layers[i]
		if l.Mapped == nil {
			continue
		}
		gaps = append(gaps, l.Mapped.Gap)
		if l.Mapped.Gap > out.WorstGap {
			out.WorstGap, out.WorstName = l.Mapped.Gap, l.Name
		}
	}
	slices.Sort(gaps)
	out.Layers = len(gaps)
	if k := len(gaps); k > 0 {
		out.MedianGap = (gaps[(k-1)/2] + gaps[k/2]) / 2
	}
	return out, nil
}

func newMapper(a *accel.Accelerator, n *models.Network) (*sim.Simulator, *sim.Mapper, error) {
	s, err := sim.New(a, n)
	if err != nil {
		return nil, nil, err
	}
	m, err := s.NewMapper(mapper.Latency, 1)
	return s, m, err
}

// repetitions are enough for one of them to be undisturbed.
const repetitions = 20

// fastest returns the shortest of several runs, in seconds: what disturbs a run only adds to it.
func fastest(f func() error) (float64, error) {
	best := time.Duration(0)
	for i := range repetitions {
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		if d := time.Since(start); i == 0 || d < best {
			best = d
		}
	}
	return best.Seconds(), nil
}

// surface returns the seconds that the costs at every pair of widths take.
func surface(a *accel.Accelerator, n *models.Network) (float64, error) {
	start := time.Now()
	_, m, err := newMapper(a, n)
	if err != nil {
		return 0, err
	}
	for w := models.Width(1); w <= 8; w++ {
		for x := models.Width(1); x <= 8; x++ {
			if _, err := m.Run(n.Uniform(n.PerTensor(), w, x)); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(start).Seconds(), nil
}

// rate prices every mapping of the network's layers, at 8 bits and with nothing on chip, for about a second
// in all.
func rate(a *accel.Accelerator, n *models.Network) (float64, error) {
	m, err := mapper.NewMachine(a)
	if err != nil {
		return 0, err
	}
	priced, start := 0, time.Now()
	for time.Since(start) < time.Second {
		for i := range n.Layers {
			l := &n.Layers[i]
			if !l.Weighted() {
				continue
			}
			p, err := mapper.NewProblem(a, l, 8, 8)
			if err != nil {
				return 0, err
			}
			if err := mapper.Visit(m, p, func(mapper.Mapping, *mapper.Cost) { priced++ }); err != nil {
				return 0, err
			}
		}
	}
	return float64(priced) / time.Since(start).Seconds(), nil
}
