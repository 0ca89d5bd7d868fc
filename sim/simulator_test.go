package sim

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"dse/accel"
	"dse/models"
)

// chips are the accelerators that every network-level test runs on.
var chips = map[string]func() *accel.Accelerator{"edge": edge, "split": split, "layered": layered, "blocks": blocks}

// allChips are these and chips whose arrays have a dataflow of their own.
var allChips = map[string]func() *accel.Accelerator{"edge": edge, "split": split, "layered": layered, "blocks": blocks, "packed": packed, "rows": rowChip}

func TestRunConserves(t *testing.T) {
	n := micro(t)
	for name, chip := range chips {
		for _, width := range []models.Width{1, 2, 3, 5, 8} {
			for _, flow := range []accel.Dataflow{accel.WeightStationary, accel.OutputStationary, accel.InputStationary, accel.Unrolled} {
				t.Run(fmt.Sprintf("%s/%v bit/dataflow %d", name, width, flow), func(t *testing.T) {
					a := chip()
					a.Array.Dataflow = flow
					r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), width, width))
					if r.Cycles <= 0 || r.Energy.Total() <= 0 {
						t.Errorf("cycles %v, energy %v", r.Cycles, r.Energy.Total())
					}
				})
			}
		}
	}
}

// The same question has the same answer, whoever asks and however many ask at once.
func TestDeterminism(t *testing.T) {
	n := micro(t)
	s := mustNew(t, edge(), n)
	p := n.Uniform(n.SliceByStage([]int{0, 4, 8, 16, 0, 1, 0}), 5, 4)
	want := mustRun(t, s, p)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if got, err := s.Run(p); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("a run differs (error %v)", err)
				}
				g := p.Clone()
				g.Zero()
				if _, err := s.Cost(Energy).Price(p, g); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := mustRun(t, mustNew(t, edge(), n), p); !reflect.DeepEqual(got, want) {
		t.Error("a second simulator disagrees")
	}
}

func TestErrors(t *testing.T) {
	n := micro(t)
	for _, c := range []struct {
		name   string
		change func(*accel.Accelerator)
		want   string
	}{
		{"no memory for outputs", func(a *accel.Accelerator) { a.Memories[0].Holds = accel.Weights | accel.Inputs },
			"accelerator edge: no on-chip memory holds outputs; add outputs to the holds of one"},
		{"memory too small", func(a *accel.Accelerator) { a.Memories[0].Capacity = 64 },
			"does not fit on edge: its smallest tile needs"},
		{"accumulator too small", func(a *accel.Accelerator) { a.Array.Accumulator.Capacity = 60 },
			"cannot hold one partial sum of 32 bits for each of 16 columns; make it at least 64 bytes"},
		{"no mode for depthwise", func(a *accel.Accelerator) {
			for i := range a.Precision.Modes {
				a.Precision.Modes[i].Operator = accel.ConvOperator
			}
		}, "no mode can run layer block1.1.depthwise; add one for its kind or for any operator"},
		{"image wider than every mode", func(a *accel.Accelerator) { a.Precision.Modes = a.Precision.Modes[4:5] },
			"layer stem: no mode of the array multiplies 1-bit weights by 8-bit activations (the widest are 4 and 4 bit); narrow the layer or add a mode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := edge()
			c.change(a)
			if _, err := New(a, n); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestPrecisionErrors(t *testing.T) {
	n := micro(t)
	s := mustNew(t, edge(), n)
	for _, c := range []struct {
		name   string
		change func(*models.Precision)
		run    string
		price  string
	}{
		{"wider than the array", func(p *models.Precision) { p.Weights[0].Widths[0] = 9 },
			"no mode of the array multiplies 9-bit weights", "no mode of the array multiplies 9-bit weights"},
		{"fraction", func(p *models.Precision) { p.Activations[0] = 4.5 }, "is not a whole number", ""},
		{"zero width", func(p *models.Precision) { p.Weights[3].Widths[0] = 0 }, "is not a whole number from 1 to 32", "weight width 0 is not from 1 to 32"},
		{"not a number", func(p *models.Precision) { p.Activations[1] = models.Width(math.NaN()) }, "is not a whole number", "is not from 1 to 32"},
		{"missing slice", func(p *models.Precision) { p.Weights[2].Group = 4 }, "groups of 4 channels make 2", "groups of 4 channels make 2"},
		{"missing tensor", func(p *models.Precision) { p.Activations = p.Activations[1:] }, "activation tensors", "activation tensors"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := n.Uniform(n.PerTensor(), 8, 8)
			c.change(p)
			_, err := s.Run(p)
			if err == nil || !strings.Contains(err.Error(), c.run) {
				t.Errorf("Run: error %v, want one with %q", err, c.run)
			}
			_, err = s.Cost(Latency).Price(p, nil)
			if c.price == "" && err != nil || c.price != "" && (err == nil || !strings.Contains(err.Error(), c.price)) {
				t.Errorf("Price: error %v, want one with %q", err, c.price)
			}
		})
	}
}

// A memory that streams the network at 1 bit may not at 8.
func TestMisfitAtGivenWidths(t *testing.T) {
	n := micro(t)
	a := edge()
	a.Memories[0].Capacity = 512
	s := mustNew(t, a, n)
	if _, err := s.Run(n.Uniform(n.PerTensor(), 8, 8)); err == nil || !strings.Contains(err.Error(), "enlarge the memory or narrow the layer's tensors") {
		t.Errorf("error %v", err)
	}
}
