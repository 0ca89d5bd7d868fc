package sim

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"dse/models"
)

// grower builds a random network: each layer takes tensors that are there, at random.
type grower struct {
	t      *rapid.T
	layers []models.Layer
	read   []bool
}

func (g *grower) draw(lo, hi int, what string) int { return rapid.IntRange(lo, hi).Draw(g.t, what) }

func (g *grower) add(l models.Layer) {
	l.Name = fmt.Sprintf("%v%d", l.Kind, len(g.layers))
	if len(l.Inputs) > 0 {
		l.In = g.layers[l.Inputs[0]].Out
	}
	for _, i := range l.Inputs {
		g.read[i] = true
	}
	g.layers = append(g.layers, l)
	g.read = append(g.read, false)
}

// pick returns a tensor, and all that could stand beside it: with equal maps, or of equal shape.
func (g *grower) pick() (at int, maps, equal []int) {
	at = g.draw(0, len(g.layers)-1, "input")
	a := g.layers[at].Out
	for i := range g.layers {
		switch b := g.layers[i].Out; {
		case b == a:
			equal = append(equal, i)
			fallthrough
		case b.H == a.H && b.W == a.W:
			maps = append(maps, i)
		}
	}
	return at, maps, equal
}

var growable = []models.Kind{
	models.Conv, models.Conv, models.Deconv, models.AveragePool, models.MaxPool, models.Add, models.Concat, models.Slice,
	models.Shuffle, models.Resize, models.Multiply, models.Activate,
}

func (g *grower) grow() {
	at, maps, equal := g.pick()
	in := g.layers[at].Out
	l := models.Layer{Kind: rapid.SampledFrom(growable).Draw(g.t, "kind"), Inputs: []int{at}, Out: in}
	switch l.Kind {
	case models.Conv:
		l.Kernel = models.Window{H: g.draw(1, 4, "kh"), W: g.draw(1, 4, "kw")}
		l.Stride = models.Window{H: g.draw(1, 3, "sh"), W: g.draw(1, 3, "sw")}
		l.Dilation = models.Window{H: g.draw(0, 3, "dh"), W: g.draw(0, 3, "dw")}
		l.Pad = models.Pad{Top: g.draw(0, 3, "top"), Left: g.draw(0, 3, "left"), Bottom: g.draw(0, 3, "bottom"), Right: g.draw(0, 3, "right")}
		l.Groups, l.Out.C, l.Norm = 1, g.draw(1, 40, "channels"), true
		if rapid.Bool().Draw(g.t, "depthwise") {
			l.Groups, l.Out.C = in.C, in.C
		}
		span := l.Span()
		l.Out.H, l.Out.W = in.H+l.Pad.Top+l.Pad.Bottom-span.H, in.W+l.Pad.Left+l.Pad.Right-span.W
		if l.Out.H < 0 || l.Out.W < 0 {
			return
		}
		l.Out.H, l.Out.W = l.Out.H/l.Stride.H+1, l.Out.W/l.Stride.W+1
	case models.Deconv:
		s := g.draw(1, 2, "stride")
		k := g.draw(s, 4, "kernel")
		crop := k - s
		l.Kernel, l.Stride, l.Groups = models.Window{H: k, W: k}, models.Window{H: s, W: s}, 1
		l.Pad = models.Pad{Top: crop / 2, Left: crop / 2, Bottom: crop - crop/2, Right: crop - crop/2}
		l.Out = models.Shape{C: g.draw(1, 12, "channels"), H: in.H * s, W: in.W * s}
	case models.AveragePool, models.MaxPool:
		l.Kernel = models.Window{H: g.draw(1, in.H, "kh"), W: g.draw(1, in.W, "kw")}
		l.Stride = models.Window{H: g.draw(1, 2, "sh"), W: g.draw(1, 2, "sw")}
		l.Out.H, l.Out.W = (in.H-l.Kernel.H)/l.Stride.H+1, (in.W-l.Kernel.W)/l.Stride.W+1
	case models.Add:
		l.Inputs = append(l.Inputs, rapid.SampledFrom(equal).Draw(g.t, "other"))
	case models.Multiply:
		l.Inputs = append(l.Inputs, rapid.SampledFrom(equal).Draw(g.t, "other"))
		for i := range g.layers {
			if g.layers[i].Out == (models.Shape{C: in.C, H: 1, W: 1}) {
				l.Inputs[1] = i
			}
		}
	case models.Concat:
		for range g.draw(0, 3, "joined") {
			i := rapid.SampledFrom(maps).Draw(g.t, "joined")
			l.Inputs = append(l.Inputs, i)
			l.Out.C += g.layers[i].Out.C
		}
	case models.Slice:
		l.First = g.draw(0, in.C-1, "first")
		l.Out.C = g.draw(1, in.C-l.First, "shown")
	case models.Shuffle:
		l.Groups = in.C
	case models.Resize:
		l.Factor, l.Bilinear = g.draw(1, 3, "factor"), rapid.Bool().Draw(g.t, "bilinear")
		l.Out.H, l.Out.W = in.H*l.Factor, in.W*l.Factor
	case models.Activate:
		l.Norm, l.Activation = rapid.Bool().Draw(g.t, "norm"), models.ReLU
	}
	if l.Out.Elements() <= 20000 {
		g.add(l)
	}
}

// drawNetwork draws a network of up to twelve layers of all kinds. What nobody reads is joined into the
// result, directly or through a dense layer.
func drawNetwork(t *rapid.T) *models.Network {
	g := &grower{t: t}
	g.add(models.Layer{Kind: models.Input, Out: models.Shape{C: g.draw(1, 8, "channels"), H: g.draw(2, 20, "height"), W: g.draw(2, 20, "width")}})
	for range g.draw(1, 12, "layers") {
		g.grow()
	}
	last := models.Layer{Kind: models.Concat, Out: models.Shape{H: 1, W: 1}}
	for i := range g.layers {
		if !g.read[i] {
			last.Inputs = append(last.Inputs, i)
			last.Out.C += g.layers[i].Out.Elements()
		}
	}
	g.add(last)
	if rapid.Bool().Draw(t, "dense") {
		g.add(models.Layer{Kind: models.Dense, Inputs: []int{len(g.layers) - 1}, Out: models.Shape{C: g.draw(1, 20, "classes"), H: 1, W: 1}, Bias: true})
	}
	n, err := models.Assemble("drawn", 0, []string{"all"}, g.layers)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// On any network the conservation laws hold, Price is Run, and less costs no more.
func TestAnyNetwork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		a := drawChip(t, rapid.Bool().Draw(t, "separate memories"))
		s, err := New(a, n)
		if err != nil {
			t.Skip(err)
		}
		run := func(s *Simulator, p *models.Precision) *Result {
			r, err := s.Run(p)
			if err != nil {
				t.Skip(err)
			}
			if err := r.Check(n); err != nil {
				t.Fatal(err)
			}
			return r
		}
		p := drawWidths(t, n)
		base := run(s, p)
		q := narrowed(t, p)
		notWorse(t, "fewer bits", base, run(s, q), true)
		grad := p.Clone()
		grad.Zero()
		if got, err := s.Cost(Latency).Price(p, grad); err != nil || got != base.Latency.Milliseconds() {
			t.Fatalf("latency %v, Run %v, error %v", got, base.Latency.Milliseconds(), err)
		}
		for i := range grad.Activations {
			if !(grad.Activations[i] >= -1e-12) {
				t.Fatalf("a bit less of activation %d saves %v ms", i, grad.Activations[i])
			}
		}
		a.Memories[0].Capacity += 1 << 12
		more, err := New(a, n)
		if err != nil {
			t.Fatal(err)
		}
		notWorse(t, "more capacity", base, run(more, p), true)
	})
}

// What an axis reads is what marking every position of every window finds.
func TestAxisByPosition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(lo, hi int, what string) int { return rapid.IntRange(lo, hi).Draw(t, what) }
		a := axis{in: draw(1, 12, "in"), kernel: draw(1, 5, "kernel"), stride: draw(1, 3, "stride"), pad: draw(0, 4, "pad"), dilation: draw(1, 3, "dilation"), up: draw(1, 3, "up")}
		lo := draw(0, 10, "lo")
		hi := lo + draw(1, 6, "outputs")
		seen := map[int]bool{}
		first, last := a.in, -1
		for o := lo; o < hi; o++ {
			for i := range a.in {
				place := i*a.up + a.pad - o*a.stride // relative to the window's first tap
				if place >= 0 && place%a.dilation == 0 && place/a.dilation < a.kernel {
					seen[i] = true
					first, last = min(first, i), max(last, i)
				}
			}
		}
		if got := a.read(lo, hi); got != len(seen) {
			t.Fatalf("%+v reads %d positions for outputs %d to %d, should %d", a, got, lo, hi, len(seen))
		}
		if got := a.span(hi - lo); len(seen) > 0 && got < last-first+1 {
			t.Fatalf("%+v: span %d for %d outputs, they reach from %d to %d", a, got, hi-lo, first, last)
		}
	})
}

// Enlarging by nearest neighbour reads one input per output, linearly the two around its centre.
func TestResizedAxis(t *testing.T) {
	for _, factor := range []int{1, 2, 3, 4, 8} {
		const in = 5
		near := resized(in, &models.Layer{Kind: models.Resize, Factor: factor})
		linear := resized(in, &models.Layer{Kind: models.Resize, Factor: factor, Bilinear: true})
		for o := range in * factor {
			if got := near.read(o, o+1); got != 1 {
				t.Errorf("factor %d: output %d reads %d nearest neighbours", factor, o, got)
			}
			// Twice the distance of the output's centre from the first input's, in parts of 1/factor.
			place := 2*o + 1 - factor
			want := 2
			if place%(2*factor) == 0 || place < 0 || place > 2*factor*(in-1) {
				want = 1 // on a centre, or beyond the first or last
			}
			if got := linear.read(o, o+1); got != want {
				t.Errorf("factor %d: output %d reads %d neighbours, want %d", factor, o, got, want)
			}
		}
		if near.touched(in*factor) != in || linear.touched(in*factor) != in {
			t.Errorf("factor %d: not every input is read", factor)
		}
	}
}
