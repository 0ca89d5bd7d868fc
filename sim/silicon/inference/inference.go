// Package inference prices whole networks on described chips, beside what null models say of them,
// for comparison with measured latencies.
package inference

import (
	"errors"
	"fmt"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/sim"
	"dse/sim/null"
)

// Chip prices networks on one accelerator. It remembers them, and is not for concurrent use.
type Chip struct {
	accelerator *accel.Accelerator
	known       map[string]*Inference
}

// On returns the chip of an accelerator, which must not change afterwards.
func On(a *accel.Accelerator) *Chip {
	return &Chip{accelerator: a, known: map[string]*Inference{}}
}

// OnPreset returns the chip of a preset, altered by the function if there is one.
func OnPreset(name string, alter func(*accel.Accelerator)) (*Chip, error) {
	a, err := accel.Load(name)
	if err != nil {
		return nil, err
	}
	if alter != nil {
		alter(a)
	}
	return On(a), nil
}

// Inference is one network on one chip.
type Inference struct {
	Network   *models.Network
	chip      *accel.Accelerator
	simulator *sim.Simulator
	eight     *sim.Result
}

// Network returns the inference of a built-in network. It fails if there is none of that name, or if it
// does not run on the chip: a reason to leave a row of a table out.
func (c *Chip) Network(name string) (*Inference, error) {
	if i := c.known[name]; i != nil {
		return i, nil
	}
	n, err := models.Build(name)
	if unknown := (*models.UnknownError)(nil); errors.As(err, &unknown) {
		return nil, fmt.Errorf("there is no network %s", name)
	}
	if err != nil {
		return nil, err
	}
	s, err := sim.New(c.accelerator, n)
	if err != nil {
		return nil, fmt.Errorf("%s on %s: %w", name, c.accelerator.Name, err)
	}
	r, err := s.Run(n.Uniform(n.PerTensor(), 8, 8))
	if err != nil {
		return nil, fmt.Errorf("%s on %s: %w", name, c.accelerator.Name, err)
	}
	i := &Inference{Network: n, chip: c.accelerator, simulator: s, eight: r}
	c.known[name] = i
	return i, nil
}

// EightBits returns the result with weights and activations of 8 bits.
func (i *Inference) EightBits() *sim.Result { return i.eight }

// Latency returns the latency in ms at p.
func (i *Inference) Latency(p *models.Precision) (float64, error) {
	return i.simulator.Cost(sim.Latency).Price(p, nil)
}

// Eight returns the precision of 8 bits everywhere, a slice per tensor.
func (i *Inference) Eight() *models.Precision {
	return i.Network.Uniform(i.Network.PerTensor(), 8, 8)
}

// Mixed returns the precision in which a share of the channels of every weight tensor has narrow bits and
// all else 8, a slice per channel.
func (i *Inference) Mixed(narrow models.Width, share float64) *models.Precision {
	n := i.Network
	perChannel := make([]int, len(n.Stages))
	for k := range perChannel {
		perChannel[k] = 1
	}
	p := n.Uniform(n.SliceByStage(perChannel), 8, 8)
	for _, w := range p.Weights {
		for k := range int(share*float64(len(w.Widths)) + 0.5) {
			w.Widths[k] = narrow
		}
	}
	return p
}

// NullNames lists the null models in the order of Nulls.
func NullNames() []string {
	var names []string
	for m := range null.Models {
		names = append(names, null.Model(m).String())
	}
	return names
}

// NullCycles returns what each null model says at p, in core cycles.
func (i *Inference) NullCycles(p *models.Precision) []float64 {
	cycles := null.Cycles(i.chip, i.Network, p)
	return cycles[:]
}

// NullLatencies returns what each null model says at p, in ms.
func (i *Inference) NullLatencies(p *models.Precision) []float64 {
	ms := i.NullCycles(p)
	for k := range ms {
		ms[k] = sim.Clocks(ms[k]).At(i.chip.Clock).Milliseconds()
	}
	return ms
}

// AtClock returns a change of the core clock that leaves what the host spends on an inference as it
// is: its set-up is given in cycles of the core.
func AtClock(f unit.Hertz) func(*accel.Accelerator) {
	return func(a *accel.Accelerator) {
		share := float64(f) / float64(a.Clock)
		a.Clock = f
		a.Host.InferenceSetup = unit.Cycles(float64(a.Host.InferenceSetup)*share + 0.5)
	}
}

// Energy returns the energy in uJ at p.
func (i *Inference) Energy(p *models.Precision) (float64, error) {
	return i.simulator.Cost(sim.Energy).Price(p, nil)
}

// NullEnergies returns, in uJ, what the latencies of the null models cost with the power of leakage, of
// what runs along and of DRAM, and each MAC at the energy of the accelerator's first mode.
func (i *Inference) NullEnergies(p *models.Precision) []float64 {
	t := &i.chip.Technology
	power := float64(t.Leakage + t.Running + i.chip.DRAM.Background) // mW, which is uJ per ms
	macs := float64(i.Network.MACs()) * float64(i.chip.Precision.Modes[0].Energy) / 1e6
	uJ := i.NullLatencies(p)
	for k := range uJ {
		uJ[k] = uJ[k]*power + macs
	}
	return uJ
}
