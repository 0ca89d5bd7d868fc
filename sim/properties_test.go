package sim

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
)

// drawWidths draws whole widths for every slice and tensor of n.
func drawWidths(t *rapid.T, n *models.Network) *models.Precision {
	groups := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 3, 4, 8, 16, 24}), len(n.Stages), len(n.Stages)).Draw(t, "groups")
	p := n.Uniform(n.SliceByStage(groups), 8, 8)
	// A few seeds for all slices: rapid would spend its time on drawing hundreds of numbers.
	seed := rapid.Uint32().Draw(t, "seed")
	next := func() models.Width {
		seed = seed*1664525 + 1013904223
		return models.Width(1 + seed>>29)
	}
	for i := range p.Weights {
		for j := range p.Weights[i].Widths {
			p.Weights[i].Widths[j] = next()
		}
	}
	for i := range p.Activations {
		p.Activations[i] = next()
	}
	return p
}

// narrowed returns p with some widths lowered.
func narrowed(t *rapid.T, p *models.Precision) *models.Precision {
	q := p.Clone()
	seed := rapid.Uint32().Draw(t, "lower")
	share := rapid.IntRange(1, 15).Draw(t, "share of 16")
	lower := func(w *models.Width) {
		seed = seed*1664525 + 1013904223
		if int(seed>>28) < share {
			*w = max(1, *w-models.Width(1+seed>>20&3))
		}
	}
	for i := range q.Weights {
		for j := range q.Weights[i].Widths {
			lower(&q.Weights[i].Widths[j])
		}
	}
	for i := range q.Activations {
		lower(&q.Activations[i])
	}
	return q
}

// drawChip draws an accelerator with one memory, two levels of it, or separate memories for weights
// and activations. Those take the same energy per bit: otherwise the least traffic need not be the
// least energy, and nothing is promised (see fetch).
func drawChip(t *rapid.T, separate bool) *accel.Accelerator {
	a := edge()
	a.Array.Rows = rapid.IntRange(1, 40).Draw(t, "rows")
	a.Array.Cols = rapid.IntRange(1, 40).Draw(t, "cols")
	a.Array.Dataflow = rapid.SampledFrom([]accel.Dataflow{accel.WeightStationary, accel.OutputStationary, accel.InputStationary, accel.Unrolled}).Draw(t, "dataflow")
	a.Array.Reduction = accel.Reduction(rapid.IntRange(0, 1).Draw(t, "reduction"))
	if a.Array.Dataflow == accel.Unrolled {
		a.Array.Positions = accel.Positions{Height: rapid.IntRange(1, 3).Draw(t, "height"), Width: rapid.IntRange(1, 3).Draw(t, "width")}
		a.Array.DepthwiseLanes = rapid.IntRange(0, 6).Draw(t, "lanes")
		a.Array.FoldOverhead = unit.Cycles(rapid.IntRange(0, 9).Draw(t, "overhead"))
		a.Array.Winograd, a.Array.StrideExtension = rapid.Bool().Draw(t, "winograd"), rapid.Bool().Draw(t, "stride extension")
		if a.Array.Reduction == accel.ReduceChannels && rapid.Bool().Draw(t, "granules") {
			a.Array.Rows, a.Array.Cols = (a.Array.Rows+3)/4*4, (a.Array.Cols+3)/4*4
			a.Array.ChannelGranule, a.Array.ImageChannels = 4, rapid.IntRange(0, 3).Draw(t, "image channels")
		}
		a.Array.StepCycles = unit.Cycles(rapid.IntRange(0, 5).Draw(t, "step"))
		a.Array.BlockChannels = rapid.IntRange(0, 100).Draw(t, "block")
	}
	a.Vector = accel.Vector{
		Lanes: rapid.IntRange(1, 16).Draw(t, "vector lanes"), PoolLanes: rapid.IntRange(0, 16).Draw(t, "pool lanes"),
		Outputs: rapid.Bool().Draw(t, "vector outputs"), AddOperations: rapid.IntRange(0, 3).Draw(t, "add operations"),
		SeparateAdd: rapid.Bool().Draw(t, "separate add"), Energy: a.Vector.Energy,
	}
	a.Array.WeightDoubleBuffered = rapid.Bool().Draw(t, "weight double buffered")
	a.Array.Accumulator.Capacity = unit.Bytes(4 * a.Array.Cols * rapid.IntRange(1, 600).Draw(t, "sums"))
	a.Precision.ChangeUnit = accel.ChangeUnit(rapid.IntRange(0, 2).Draw(t, "change unit"))
	m := &a.Memories[0]
	m.Capacity = unit.Bytes(rapid.IntRange(1<<12, 1<<18).Draw(t, "capacity"))
	m.DoubleBuffered = rapid.Bool().Draw(t, "double buffered")
	m.Ring = !m.DoubleBuffered && rapid.Bool().Draw(t, "ring")
	m.Flushed = rapid.Bool().Draw(t, "flushed")
	m.Packing = accel.Packing(rapid.IntRange(0, 1).Draw(t, "packing"))
	m.Banks = rapid.IntRange(1, 16).Draw(t, "banks")
	m.Transient = rapid.Bool().Draw(t, "transient")
	if separate {
		m.Holds = accel.Weights
		b := *m
		b.Name, b.Holds = "activations", accel.Inputs|accel.Outputs
		b.Capacity = unit.Bytes(rapid.IntRange(1<<12, 1<<18).Draw(t, "second capacity"))
		a.Memories = append(a.Memories, b)
	} else if rapid.Bool().Draw(t, "two levels") {
		b := *m
		b.Name, b.Capacity = "inner", unit.Bytes(rapid.IntRange(1<<12, 1<<15).Draw(t, "inner capacity"))
		a.Memories = append(a.Memories, b)
	}
	a.DRAM.Bandwidth = unit.BytesPerSecond(rapid.Float64Range(1e8, 2e10).Draw(t, "bandwidth"))
	a.Host.LayerSetup, a.Host.InferenceSetup = 10, 0
	a.Host.SharesMemory = rapid.Bool().Draw(t, "shares memory")
	return a
}

// large is a network whose tensors exceed the memories drawn: grouped, strided, dense and pooled
// layers, and channels beyond the array.
func large(t testing.TB) *models.Network {
	t.Helper()
	n, err := models.MobileNetV2(models.MobileNetV2Config{
		Name: "large", Image: models.Shape{C: 3, H: 64, W: 48}, Classes: 100, Stem: 24, StemStride: 2, Head: 200,
		Blocks: []models.InvertedResidual{{T: 1, C: 20, N: 1, S: 1}, {T: 6, C: 40, N: 2, S: 2}, {T: 6, C: 72, N: 2, S: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// notWorse fails unless b costs no more than a, rounding aside.
func notWorse(t *rapid.T, what string, a, b *Result, energy bool) {
	const rounding = 1 + 1e-9
	if b.Cycles > a.Cycles*rounding {
		t.Fatalf("%s: %v cycles become %v", what, a.Cycles, b.Cycles)
	}
	if energy && b.Energy.Total() > a.Energy.Total()*rounding {
		t.Fatalf("%s: %v pJ become %v", what, a.Energy.Total(), b.Energy.Total())
	}
	for i := range b.Layers {
		x, y := &a.Layers[i], &b.Layers[i]
		if y.Cycles > x.Cycles*rounding {
			t.Fatalf("%s: layer %s: %v cycles become %v\n%+v\n%+v", what, x.Name, x.Cycles, y.Cycles, x, y)
		}
		if energy && y.Energy.Total() > x.Energy.Total()*rounding {
			t.Fatalf("%s: layer %s: %v pJ become %v\n%+v\n%+v", what, x.Name, x.Energy.Total(), y.Energy.Total(), x, y)
		}
	}
}

// Fewer bits, more capacity and more bandwidth never make a layer or a network slower or dearer.
func TestMoreNeverCostsMore(t *testing.T) {
	networks := []*models.Network{micro(t), large(t)}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(networks).Draw(t, "network")
		separate := rapid.Bool().Draw(t, "separate memories")
		a := drawChip(t, separate)
		p := drawWidths(t, n)
		run := func(p *models.Precision) *Result {
			s, err := New(a, n)
			if err != nil {
				t.Skip(err)
			}
			r, err := s.Run(p)
			if err != nil {
				t.Skip(err)
			}
			if err := r.Check(n); err != nil {
				t.Fatal(err)
			}
			return r
		}
		base := run(p)
		notWorse(t, "fewer bits", base, run(narrowed(t, p)), true)

		k := rapid.IntRange(0, len(a.Memories)-1).Draw(t, "memory")
		old := a.Memories[k].Capacity
		a.Memories[k].Capacity += unit.Bytes(rapid.IntRange(1, 1<<17).Draw(t, "more capacity"))
		notWorse(t, "more capacity", base, run(p), true)
		a.Memories[k].Capacity = old

		a.Memories[k].Banks++
		notWorse(t, "one more bank", base, run(p), true)
		a.Memories[k].Banks--

		a.DRAM.Bandwidth *= unit.BytesPerSecond(rapid.Float64Range(1, 10).Draw(t, "more bandwidth"))
		notWorse(t, "more bandwidth", base, run(p), true)
	})
}

// Price is Run's figure at whole widths, to the last bit.
func TestPriceIsRunAtWholeWidths(t *testing.T) {
	n := micro(t)
	for name, chip := range allChips {
		s := mustNew(t, chip(), n)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			p := drawWidths(t, n)
			r, err := s.Run(p)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Cost(Latency).Price(p, nil); err != nil || got != r.Latency.Milliseconds() {
				t.Fatalf("latency %v, Run %v, error %v", got, r.Latency.Milliseconds(), err)
			}
			if got, err := s.Cost(Energy).Price(p, nil); err != nil || got != r.Energy.Total().Microjoules() {
				t.Fatalf("energy %v, Run %v, error %v", got, r.Energy.Total().Microjoules(), err)
			}
		}))
	}
}

// Along a straight line between two precisions the price has no jumps: a thousandth of the way
// never changes it by more than a hundredth of itself. A tensor that moved to DRAM as a whole, or
// a mode that switched, would show as a jump of several per cent of this network's cost.
// narrow halves an interval a dozen times, each time keeping the half across which f changes more, and
// returns f at its ends. Across a steep slope these come together; across a jump they do not.
func narrow(f func(float64) float64, lo, hi, atLo, atHi float64) (low, high float64) {
	for range 12 {
		if math.Abs(atHi-atLo) <= 0.01*math.Abs(atLo) {
			break
		}
		mid := (lo + hi) / 2
		if v := f(mid); math.Abs(v-atLo) > math.Abs(atHi-v) {
			hi, atHi = mid, v
		} else {
			lo, atLo = mid, v
		}
	}
	return atLo, atHi
}

func TestPriceIsContinuous(t *testing.T) {
	n := micro(t)
	for name, chip := range allChips {
		for _, kib := range []unit.Bytes{6, 20, 40} {
			a := chip()
			a.Memories[0].Capacity = kib << 10
			a.Host.InferenceSetup, a.Host.LayerSetup = 0, 0
			s := mustNew(t, a, n)
			t.Run(fmt.Sprintf("%s/%d KiB", name, kib), rapid.MakeCheck(func(t *rapid.T) {
				p := drawWidths(t, n)
				q := narrowed(t, p)
				cost := s.Cost(Quantity(rapid.IntRange(0, 1).Draw(t, "quantity")))
				at := func(f float64) float64 {
					v, err := cost.Price(between(p, q, f), nil)
					if err != nil {
						t.Skip(err)
					}
					return v
				}
				from := rapid.Float64Range(0, 0.99).Draw(t, "from")
				last := at(from)
				for i := 1; i <= 10; i++ {
					lo, hi := from+float64(i-1)/1000, from+float64(i)/1000
					v := at(hi)
					if low, high := narrow(at, lo, hi, last, v); math.Abs(high-low) > 0.01*last {
						t.Fatalf("price jumps from %v to %v near %v", low, high, hi)
					}
					last = v
				}
			}))
		}
	}
}

// between returns the precision a share f of the way from p to q.
func between(p, q *models.Precision, f float64) *models.Precision {
	r := p.Clone()
	for i := range r.Weights {
		for j := range r.Weights[i].Widths {
			r.Weights[i].Widths[j] += models.Width(f) * (q.Weights[i].Widths[j] - p.Weights[i].Widths[j])
		}
	}
	for i := range r.Activations {
		r.Activations[i] += models.Width(f) * (q.Activations[i] - p.Activations[i])
	}
	return r
}

// No design of whole widths from 1 to 8 costs less than the narrowest; one slice per tensor at most
// 8 bits wide costs no more than 8 bits everywhere.
func TestBounds(t *testing.T) {
	n := micro(t)
	s := mustNew(t, edge(), n)
	b, err := s.Bounds()
	if err != nil {
		t.Fatal(err)
	}
	eight := mustRun(t, s, n.Uniform(n.PerTensor(), 8, 8))
	if b.Eight != (Prices{eight.Latency.Milliseconds(), eight.Energy.Total().Microjoules()}) {
		t.Errorf("at 8 bits %+v, Run says %v, %v pJ", b.Eight, eight.Latency, eight.Energy.Total())
	}
	rapid.Check(t, func(t *rapid.T) {
		p := drawWidths(t, n)
		latency, _ := s.Cost(Latency).Price(p, nil)
		energy, _ := s.Cost(Energy).Price(p, nil)
		if latency < b.Narrowest.Latency || energy < b.Narrowest.Energy {
			t.Fatalf("%v ms, %v uJ is below the bound %+v", latency, energy, b.Narrowest)
		}
	})
}
