package qat

import "fmt"

// healthy returns a DivergedError if the state holds a value that is not finite, or if a quantizer has
// collapsed: all that it lets through is one value, and nothing is learned behind it.
func (t *trainer) healthy(phase string, step int) error {
	if err := t.Model.checkFinite(); err != nil {
		return &DivergedError{phase, step, err.Error()}
	}
	if !t.program.mode.Quantize {
		return nil
	}
	if name, d, collapsed := t.Model.collapsedWeights(); collapsed {
		return &DivergedError{phase, step, fmt.Sprintf("the quantizer of %s has collapsed: every weight rounds to 0, steps are at least %g", name, d)}
	}
	if name, value, collapsed := t.program.collapsedActivations(); collapsed {
		return &DivergedError{phase, step, fmt.Sprintf("the quantizer behind %s has collapsed: all its values are %g", name, value)}
	}
	return nil
}

// collapsedWeights returns the first layer whose weights all round to 0, with its smallest step. A
// single slice may be all zeros: that prunes channels.
func (m *Model) collapsedWeights() (name string, least float32, collapsed bool) {
	for i, site := range m.Network.Weights {
		s := &m.layers[site.Layer]
		zero := true
		for j, d := range s.weightQ.d.Float32s() {
			lo, hi := site.SliceChannels(m.Slicing[i], j)
			step, xmax := m.step(d), s.weightQ.xmax.Float32s()[j]
			for _, w := range s.weight.Float32s()[lo*site.PerChannel : hi*site.PerChannel] {
				// Half a step is a tie, which goes to 0.
				if min(max(w, -w), xmax) > step/2 {
					zero = false
					break
				}
			}
			if j == 0 || step < least {
				least = step
			}
		}
		if zero {
			return m.Network.Layers[site.Layer].Name, least, true
		}
	}
	return "", 0, false
}

// collapsedActivations returns the first quantized tensor of the last run with one value everywhere.
func (p *program) collapsedActivations() (name string, value float32, collapsed bool) {
	for _, s := range p.stored {
		values := s.values()
		if len(values) < 2 {
			continue
		}
		same := true
		for _, v := range values[1:] {
			if v != values[0] {
				same = false
				break
			}
		}
		if same {
			return s.name, values[0], true
		}
	}
	return "", 0, false
}
