package sim

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/models"
)

// priceGradient returns the price at p and its gradient.
func priceGradient(t testing.TB, c *Cost, p *models.Precision) (float64, *models.Precision) {
	t.Helper()
	g := p.Clone()
	g.Zero()
	v, err := c.Price(p, g)
	if err != nil {
		t.Fatal(err)
	}
	return v, g
}

// oneMode returns a chip with a single mode, on which widths act through stored bits alone.
func oneMode(chip func() *accel.Accelerator) *accel.Accelerator {
	a := chip()
	a.Precision.Modes = a.Precision.Modes[:1]
	for i := range a.Memories {
		a.Memories[i].Packing = accel.PackExact
	}
	return a
}

// Without modes the gradient is what one bit less saves, to the last digits: for an activation the
// difference of two runs, for weights the difference shared by elements.
func TestGradientOfStoredBits(t *testing.T) {
	n := micro(t)
	for name, chip := range allChips {
		a := oneMode(chip)
		a.Memories[0].Capacity = 20 << 10 // some tensors stay on chip, others do not
		s := mustNew(t, a, n)
		for _, q := range []Quantity{Latency, Energy} {
			t.Run(name+"/"+q.String(), rapid.MakeCheck(func(t *rapid.T) {
				p := drawWidths(t, n)
				cost := s.Cost(q)
				g := p.Clone()
				g.Zero()
				v, err := cost.Price(p, g)
				if err != nil {
					t.Skip(err)
				}
				less := func(change func(*models.Precision)) float64 {
					o := p.Clone()
					change(o)
					u, err := cost.Price(o, nil)
					if err != nil {
						t.Fatal(err)
					}
					return v - u
				}
				i := rapid.IntRange(0, len(p.Activations)-1).Draw(t, "activation")
				if p.Activations[i] >= 2 {
					want := less(func(o *models.Precision) { o.Activations[i]-- })
					if got := float64(g.Activations[i]); math.Abs(got-want) > 1e-9*v {
						t.Fatalf("activation %d: gradient %v, one bit saves %v", i, got, want)
					}
				}
				k := rapid.IntRange(0, len(p.Weights)-1).Draw(t, "weights")
				widths := p.Weights[k].Widths
				for _, b := range widths {
					if b < 2 {
						return
					}
				}
				want := less(func(o *models.Precision) {
					for j := range o.Weights[k].Widths {
						o.Weights[k].Widths[j]--
					}
				})
				sum := 0.0
				for j, gain := range g.Weights[k].Widths {
					sum += float64(gain)
					share := float64(n.Weights[k].SliceElements(p.Weights[k].Group, j)) / float64(n.Weights[k].Elements())
					if math.Abs(float64(gain)-want*share) > 1e-9*v {
						t.Fatalf("weights %d slice %d: gradient %v, its share of one bit is %v", k, j, gain, want*share)
					}
				}
				if math.Abs(sum-want) > 1e-9*v {
					t.Fatalf("weights %d: gradients sum to %v, one bit saves %v", k, sum, want)
				}
			}))
		}
	}
}

// computeOnly returns a chip on which nothing but the array takes time and nothing but MACs takes energy.
func computeOnly() *accel.Accelerator {
	a := edge()
	a.Precision.ChangeUnit = accel.ChangePerLayer
	a.DRAM.Bandwidth, a.DRAM.Latency, a.DRAM.Read, a.DRAM.Write, a.DRAM.Background = 1e15, 0, 0, 0, 0
	m := &a.Memories[0]
	m.Capacity, m.PortWidth, m.Read, m.Write = 64<<20, 1<<20, 0, 0
	a.Array.Accumulator.Energy, a.Technology.Leakage, a.Vector.Energy = 0, 0, 0
	a.DMA.Setup, a.Host = 0, accel.Host{}
	return a
}

// Where only modes matter, the gradient at width b is the slope of the lower convex envelope of the
// costs that Run reports at 1, 2, ..., 8 bits. The envelope is found here by its definition: the
// steepest descent from b, seen from all widths above: for the largest convex function below the points,
// the left slope at b is the maximum over x < b of the minimum over y >= b of the chords (x, y).
func TestGradientOfModes(t *testing.T) {
	n := micro(t)
	s := mustNew(t, computeOnly(), n)
	for _, q := range []Quantity{Latency, Energy} {
		cost := s.Cost(q)
		for _, weights := range []bool{true, false} {
			at := func(b int) *models.Precision {
				if weights {
					return n.Uniform(n.PerTensor(), models.Width(b), 8)
				}
				return n.Uniform(n.PerTensor(), 8, models.Width(b))
			}
			var v [9]float64
			for b := 1; b <= 8; b++ {
				v[b], _ = priceGradient(t, cost, at(b))
			}
			for b := 2; b <= 8; b++ {
				want := math.Inf(-1)
				for x := 1; x < b; x++ {
					least := math.Inf(1)
					for y := b; y <= 8; y++ {
						least = min(least, (v[y]-v[x])/float64(y-x))
					}
					want = max(want, least)
				}
				_, g := priceGradient(t, cost, at(b))
				got := 0.0
				if weights {
					for i := range g.Weights {
						got += float64(g.Weights[i].Widths[0])
					}
				} else {
					for _, x := range g.Activations {
						got += float64(x)
					}
				}
				// The sum over layers of envelopes is the envelope of the sum here, since all layers change
				// mode at the same widths and each halving of the width saves less than the one before.
				if math.Abs(got-want) > 1e-6*v[8] {
					t.Errorf("%v, weights %v, %d bit: gradient %v, envelope %v", q, weights, b, got, want)
				}
			}
		}
	}
}

// At 8 bits, where one bit less changes no mode, a learner must still see that fewer bits pay: each
// tensor that would be cheaper at 4 bits has a gradient. (Some are not: the stem's window of nine
// weights fills one fold of the array in every mode.)
func TestNoPlateauAtEight(t *testing.T) {
	n := micro(t)
	for name, chip := range chips {
		s := mustNew(t, chip(), n)
		for _, q := range []Quantity{Latency, Energy} {
			p := n.Uniform(n.SliceByStage([]int{4, 4, 4, 4, 4, 4, 4}), 8, 8)
			v, g := priceGradient(t, s.Cost(q), p)
			priced := 0
			for i, w := range g.Weights {
				sum := 0.0
				for _, x := range w.Widths {
					if x < 0 {
						t.Errorf("%s %v: weights %d have gradient %v", name, q, i, x)
					}
					sum += float64(x)
				}
				four := p.Clone()
				for j := range four.Weights[i].Widths {
					four.Weights[i].Widths[j] = 4
				}
				u, err := s.Cost(q).Price(four, nil)
				if err != nil {
					t.Fatal(err)
				}
				if u < v*(1-1e-9) {
					priced++
					if sum <= 0 {
						t.Errorf("%s %v: weights of %s would save %v at 4 bit and have no gradient", name, q, n.Layers[n.Weights[i].Layer].Name, v-u)
					}
				}
			}
			if priced < 12 {
				t.Errorf("%s %v: only %d of %d tensors gain at 4 bit", name, q, priced, len(g.Weights))
			}
		}
	}
}

// Only slices that hold a column tile above the next mode are priced for it.
func TestModeGradientGoesToTheWidest(t *testing.T) {
	n := micro(t)
	a := computeOnly()
	a.Precision.ChangeUnit = accel.ChangePerColumnTile
	s := mustNew(t, a, n)
	site := 0
	for n.Layers[n.Weights[site].Layer].Name != "block4.2.expand" { // 128 channels of 32 weights
		site++
	}
	slicing := n.PerTensor()
	slicing[site] = 4
	p := n.Uniform(slicing, 8, 8)
	tile := p.Weights[site].Widths[4:8] // the second column tile
	copy(tile, []models.Width{8, 4, 6, 2})
	_, g := priceGradient(t, s.Cost(Latency), p)
	w := g.Weights[site].Widths[4:8]
	if w[0] <= 0 || w[0] != w[2] {
		t.Errorf("gradients %v at widths %v, want the first and third equal and positive", w, tile)
	}
	v := mustRun(t, s, p).Latency.Milliseconds()
	copy(tile, []models.Width{4, 4, 4, 2})
	saved := v - mustRun(t, s, p).Latency.Milliseconds()
	// Stored bits still cost a little: the slices' share of the fetch of the first inputs.
	if got := 4 * float64(w[0]+w[2]); math.Abs(got-saved) > 1e-6*v || w[1] > w[0]/1000 || w[3] > w[0]/1000 {
		t.Errorf("gradients %v: four bits save %v ms, runs say %v ms", w, got, saved)
	}
}

func TestEnvelopeSlopes(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name string
		v    []float64
		want []float64
	}{
		{"stairs at 2, 4 and 8", []float64{25, 25, 50, 50, 100, 100, 100, 100}, []float64{0, 0, 12.5, 12.5, 12.5, 12.5, 12.5, 12.5}},
		{"one mode", []float64{7, 7, 7}, []float64{0, 0, 0}},
		{"convex already", []float64{1, 2, 4, 8}, []float64{0, 1, 2, 4}},
		{"concave", []float64{0, 5, 6}, []float64{0, 3, 3}},
		{"no mode above 2 bits", []float64{1, 3, inf}, []float64{0, 2, 0}},
		{"single width", []float64{5}, []float64{0}},
	} {
		got := envelopeSlopes(c.v)
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: slopes %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}
