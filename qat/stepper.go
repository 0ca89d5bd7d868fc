package qat

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"dse/qat/kernel"
	"dse/qat/optim"
)

// Stepper repeats one whole training step of a model (forward, backward, update) on images of noise. It
// is what speed is measured with: nothing of a data set plays a part.
type Stepper struct {
	team    *kernel.Team
	program *program
	solver  *optim.RMSprop
}

// stepperRate is small enough for any number of steps on noise to stay finite.
const stepperRate = 1e-6

// NewStepper compiles m for a batch. With bits > 0 weights and activations are quantized, starting at
// that width. Close it when it is no longer needed.
func NewStepper(m *Model, batch, bits, threads int) (*Stepper, error) {
	s := &Stepper{team: kernel.NewTeam(threads), solver: optim.PaperRMSprop()}
	var err error
	if s.program, err = newProgram(m, batch, 0.1, true, s.team); err != nil {
		s.team.Close()
		return nil, fmt.Errorf("compiling %s: %w", m.Network.Name, err)
	}
	p := s.program
	src := rand.New(rand.NewPCG(1, 1))
	x, labels := p.x.Float32s(), p.labels.Float32s()
	for i := range x {
		x[i] = float32(src.NormFloat64())
	}
	for i := range labels {
		labels[i] = float32(i % m.Network.Classes)
	}
	s.solver.SetRate(stepperRate)
	if bits > 0 {
		m.InitWeightQuantizers(bits)
		p.initialBits = bits
		p.mode.Quantize, p.mode.Calibrate = true, true
		err := p.run()
		p.mode.Calibrate = false
		if err != nil {
			return nil, errors.Join(fmt.Errorf("calibrating %s: %w", m.Network.Name, err), s.Close())
		}
		m.guard()
	}
	return s, nil
}

// Step runs one step.
func (s *Stepper) Step() error {
	if err := s.program.run(); err != nil {
		return err
	}
	return s.solver.Step(s.program.weightsModel)
}

// Close releases the step's memory and threads.
func (s *Stepper) Close() error {
	err := s.program.close()
	s.team.Close()
	return err
}
