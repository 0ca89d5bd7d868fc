package op

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"pgregory.net/rapid"

	"dse/models"
	"dse/qat/kernel"
	"dse/qat/quant"
)

// What the gradient of a quantizer is the derivative of.
//
// As long as no code round(u) changes, the quantized y = d*round(u) depends on neither x nor xmax, and its
// derivative by d is round(u). The method's gradient (straight-through, surrogate 0) is another:
// 1 by x inside the range, +-1 by xmax for saturated x, and round(u) - u by d. It is exactly that of
//
//	z = clip(x, lo, xmax) + d*r,  r = round(u) - u taken at the point and held fixed,
//
// which equals y at the point. For power-of-two steps the rounding of log2 d is held fixed too: the
// step is d times a constant. The surrogates scale g by 1 + delta*sign(g)*phi(e), which is the
// derivative of nothing; the reference cases cover them.
//
// So the tests below take differences of z, in double precision, for everything that is
// differentiated through a quantizer, and differences of the op itself for the one relation that is
// left: dL/dd + sum of g*u is the derivative of the op by d, and those by x and xmax are 0.

// frozen is the quantizer of a slice as z.
type frozen struct {
	signed bool
	ratio  float64 // step over d, held fixed
	r      []float64
}

// freeze takes r and the ratio at the point where the quantizer has the parameters d and xmax and the
// elements x.
func freeze(q Quantizer, d, xmax float64, x []float64) frozen {
	step := d
	if q.PowerOfTwo {
		step = math.Exp2(math.Round(math.Log2(d)))
	}
	f := frozen{signed: q.Signed, ratio: step / d, r: make([]float64, len(x))}
	for i, v := range x {
		u := f.clip(v, xmax) / step
		f.r[i] = math.RoundToEven(u) - u
	}
	return f
}

func (f frozen) clip(x, xmax float64) float64 {
	lo := 0.0
	if f.signed {
		lo = -xmax
	}
	return min(max(x, lo), xmax)
}

// z returns the i-th element's value.
func (f frozen) z(i int, x, d, xmax float64) float64 {
	return f.clip(x, xmax) + d*f.ratio*f.r[i]
}

// variable is an input of a model in double precision, with the gradient that the op gave it.
type variable struct {
	name string
	x    []float64
	got  []float32
}

// checkDifferences compares the gradients of all variables with central differences of loss.
func checkDifferences(t *testing.T, loss func() float64, variables ...variable) {
	t.Helper()
	const h = 1e-5
	for _, v := range variables {
		want := make([]float64, len(v.x))
		scale := 0.0
		for i, old := range v.x {
			v.x[i] = old + h
			up := loss()
			v.x[i] = old - h
			want[i] = (up - loss()) / (2 * h)
			v.x[i] = old
			scale = max(scale, math.Abs(want[i]))
		}
		if scale == 0 {
			t.Errorf("%s: no gradient to compare", v.name)
		}
		for i, g := range v.got {
			// float32 sums of some hundred terms
			if e := math.Abs(float64(g)-want[i]) / max(scale, 1); !(e <= 1e-5) {
				t.Errorf("%s[%d]: gradient %.7g, differences say %.7g: error %.2g", v.name, i, g, want[i], e)
			}
		}
	}
}

func double(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// frozenEpilogue is an epilogue with everything in it.
type frozenEpilogue struct {
	name           string
	activation     models.Activation
	norm, residual bool
	inference      bool
	quantizer      Quantizer
}

func TestEpilogueThroughFrozenRounding(t *testing.T) {
	for _, c := range []frozenEpilogue{
		{name: "quantizer alone", quantizer: Quantizer{Signed: true}},
		{name: "power of two", quantizer: Quantizer{Signed: true, PowerOfTwo: true}},
		{name: "relu6", activation: models.ReLU6},
		{name: "residual", residual: true, quantizer: Quantizer{Signed: true}},
		{name: "norm, relu6", activation: models.ReLU6, norm: true},
		{name: "norm, relu6, inference", activation: models.ReLU6, norm: true, inference: true},
		{name: "norm, residual", norm: true, residual: true, quantizer: Quantizer{Signed: true}},
		{name: "norm, residual, relu, power of two", activation: models.ReLU, norm: true, residual: true, quantizer: Quantizer{PowerOfTwo: true}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func (c frozenEpilogue) check(t *testing.T) {
	const batch, channels, eps = 4, 9, 1e-3
	l := &models.Layer{Out: models.Shape{C: channels, H: 2, W: 3}, Activation: c.activation}
	src := newSource(5)
	n := batch * l.Out.Elements()
	r := newRig(t, batch, 1, Mode{Training: !c.inference, Quantize: true})
	shape := []int{batch, 2, 3, channels}
	x := r.input("x", random(src, n), shape...)
	wrt := []*gorgonia.Node{x}
	var norm *Norm
	if c.norm {
		norm = &Norm{Gamma: r.vector("gamma", random(src, channels)...), Beta: r.vector("beta", random(src, channels)...), Mean: newTensor(channels), Var: newTensor(channels), Eps: eps}
		copy(norm.Var.Float32s(), filled(channels, 0.7))
		wrt = append(wrt, norm.Gamma, norm.Beta)
	}
	var residual *gorgonia.Node
	if c.residual {
		residual = r.input("residual", random(src, n), shape...)
		wrt = append(wrt, residual)
	}
	site := &Site{D: r.vector("d", 0.23), Xmax: r.vector("xmax", 1.1), Quantizer: c.quantizer}
	wrt = append(wrt, site.D, site.Xmax)
	dy := random(src, n)
	y := r.must(r.g.Epilogue(l, x, norm, residual, site))
	r.compile(y, dy, wrt...)
	r.run()

	model := map[*gorgonia.Node][]float64{}
	var variables []variable
	for _, w := range wrt {
		model[w] = double(value(w))
		variables = append(variables, variable{w.Name(), model[w], r.grad(w)})
	}
	top := math.Inf(1)
	if c.activation == models.ReLU6 {
		top = 6
	}
	// h is what the quantizer sees.
	h := make([]float64, n)
	forward := func() {
		copy(h, model[x])
		if c.norm {
			for ch := range channels {
				mean, variance := 0.0, 0.7
				if !c.inference {
					mean, variance = moments(model[x], ch, channels)
				}
				for i := ch; i < n; i += channels {
					h[i] = (h[i]-mean)/math.Sqrt(variance+eps)*model[norm.Gamma][ch] + model[norm.Beta][ch]
				}
			}
		}
		for i := range h {
			if c.residual {
				h[i] += model[residual][i]
			}
			if c.activation != models.Linear {
				h[i] = min(max(h[i], 0), top)
			}
		}
	}
	forward()
	d, xmax := model[site.D], model[site.Xmax]
	f := freeze(c.quantizer, d[0], xmax[0], h)
	loss := func() float64 {
		forward()
		sum := 0.0
		for i, v := range h {
			sum += float64(dy[i]) * f.z(i, v, d[0], xmax[0])
		}
		return sum
	}
	for i, v := range h { // the model is the op, at the point itself
		if got, want := float64(value(y)[i]), f.z(i, v, d[0], xmax[0]); math.Abs(got-want) > 1e-5 {
			t.Fatalf("y[%d] = %v, the model says %v", i, got, want)
		}
	}
	checkDifferences(t, loss, variables...)
}

// moments returns mean and variance of a channel.
func moments(x []float64, channel, channels int) (mean, variance float64) {
	m := float64(len(x) / channels)
	for i := channel; i < len(x); i += channels {
		mean += x[i] / m
	}
	for i := channel; i < len(x); i += channels {
		variance += (x[i] - mean) * (x[i] - mean) / m
	}
	return mean, variance
}

func TestDenseThroughFrozenRounding(t *testing.T) {
	for name, q := range map[string]Quantizer{"free": {Signed: true}, "power of two": {Signed: true, PowerOfTwo: true}} {
		t.Run(name, func(t *testing.T) { checkFrozenDense(t, q) })
	}
}

func checkFrozenDense(t *testing.T, q Quantizer) {
	const batch, in, out, group = 3, 7, 5, 2
	src := newSource(6)
	r := newRig(t, batch, 1, Mode{Training: true, Quantize: true})
	x := r.input("x", random(src, batch*in), batch, 1, 1, in)
	w := Weights{
		W: r.input("w", random(src, out*in), out, in), D: r.vector("d", 0.31, 0.22, 0.37), Xmax: r.vector("xmax", 1.2, 0.9, 0.6), Group: group, Quantizer: q,
		Bias: r.vector("bias", random(src, out)...), BiasSlice: &Slice{D: r.vector("bias.d", 0.21), Xmax: r.vector("bias.xmax", 0.8), Quantizer: q},
	}
	dy := random(src, batch*out)
	y := r.must(r.g.Conv(&models.Layer{Kind: models.Dense, Bias: true, In: models.Shape{C: in, H: 1, W: 1}, Out: models.Shape{C: out, H: 1, W: 1}}, x, w, true))
	wrt := []*gorgonia.Node{x, w.W, w.D, w.Xmax, w.Bias, w.BiasSlice.D, w.BiasSlice.Xmax}
	r.compile(y, dy, wrt...)
	r.run()

	model := map[*gorgonia.Node][]float64{}
	var variables []variable
	for _, v := range wrt {
		model[v] = double(value(v))
		variables = append(variables, variable{v.Name(), model[v], r.grad(v)})
	}
	var rounding []frozen
	weights, d, xmax := model[w.W], model[w.D], model[w.Xmax]
	for s := range d {
		rounding = append(rounding, freeze(q, d[s], xmax[s], weights[s*group*in:min((s+1)*group, out)*in]))
	}
	bias, bd, bx := model[w.Bias], model[w.BiasSlice.D], model[w.BiasSlice.Xmax]
	fb := freeze(q, bd[0], bx[0], bias)
	loss := func() float64 {
		sum := 0.0
		for n := range batch {
			for o := range out {
				v, s := fb.z(o, bias[o], bd[0], bx[0]), o/group
				for k := range in {
					v += model[x][n*in+k] * rounding[s].z((o-s*group)*in+k, weights[o*in+k], d[s], xmax[s])
				}
				sum += float64(dy[n*out+o]) * v
			}
		}
		return sum
	}
	if got, want := r.weighted, loss(); math.Abs(got-want) > 1e-5 {
		t.Fatalf("loss = %v, the model says %v", got, want)
	}
	checkDifferences(t, loss, variables...)
}

// While no code changes, the derivative of the rounded op by the step is the method's gradient plus
// the sum of g*u, and those by the range and by x are 0 where the method's are not.
func TestDerivativesOfRounding(t *testing.T) {
	const n = 64
	src := newSource(7)
	r := newRig(t, 1, 1, Mode{Training: true, Quantize: true})
	x, dy := r.input("x", random(src, n), 1, 1, 1, n), random(src, n)
	site := &Site{D: r.vector("d", 0.3), Xmax: r.vector("xmax", 1), Quantizer: Quantizer{Signed: true}}
	y := r.must(r.g.Epilogue(&models.Layer{Out: models.Shape{C: n, H: 1, W: 1}}, x, nil, nil, site))
	r.compile(y, dy, x, site.D, site.Xmax)
	const h = 1e-3
	// Keep x away from where a code changes within h.
	for i, v := range value(x) {
		u := float64(v) / 0.3
		if e := u - math.RoundToEven(u); math.Abs(e) > 0.45 {
			value(x)[i] -= float32(e * 0.1)
		}
	}
	r.run()
	dd, dxmax := float64(r.grad(site.D)[0]), float64(r.grad(site.Xmax)[0])
	if dd == 0 || dxmax == 0 {
		t.Fatalf("dd = %v, dxmax = %v: nothing to tell apart", dd, dxmax)
	}
	gu := 0.0
	for i, v := range value(x) {
		gu += float64(dy[i]) * min(max(float64(v), -1), 1) / 0.3
	}
	difference := func(n *gorgonia.Node, i int) float64 {
		p := value(n)
		old := p[i]
		p[i] = old + h
		up, high := r.loss(), float64(p[i])
		p[i] = old - h
		down, low := r.loss(), float64(p[i])
		p[i] = old
		return (up - down) / (high - low)
	}
	if got, want := difference(site.D, 0), dd+gu; math.Abs(got-want) > 1e-4*max(1, math.Abs(want)) {
		t.Errorf("derivative by the step is %v, want %v", got, want)
	}
	if got := difference(site.Xmax, 0); got != 0 {
		t.Errorf("derivative by the range is %v, want 0 (the gradient is %v)", got, dxmax)
	}
	for i := range n {
		if got := difference(x, i); got != 0 {
			t.Errorf("derivative by x[%d] is %v, want 0", i, got)
		}
	}
}

// The op is indifferent to a parameter outside its limits, and says so.
func TestClippedParametersGetNoGradient(t *testing.T) {
	limits := quant.Limits{DMin: 0.1, DMax: 0.4, XmaxMin: 0.5, XmaxMax: 2}
	for _, c := range []struct {
		name           string
		d, xmax        float32
		dFree, xFree   bool
		usedD, usedMax float32
	}{
		{"inside", 0.3, 1, true, true, 0.3, 1},
		{"step below", 0.05, 1, false, true, 0.1, 1},
		{"step above", 0.7, 1, false, true, 0.4, 1},
		{"range below", 0.3, 0.4, true, false, 0.3, 0.5},
		{"range above", 0.3, 3, true, false, 0.3, 2},
		{"on the limits", 0.4, 0.5, true, true, 0.4, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(d, xmax float32, l quant.Limits) (y, dd, dxmax []float32) {
				src := newSource(8)
				r := newRig(t, 1, 1, Mode{Training: true, Quantize: true})
				x := r.input("x", random(src, 64), 1, 1, 1, 64)
				for i := range value(x) {
					value(x)[i] *= 2 // some beyond every range
				}
				site := &Site{D: r.vector("d", d), Xmax: r.vector("xmax", xmax), Quantizer: Quantizer{Signed: true, Limits: l}}
				out := r.must(r.g.Epilogue(&models.Layer{Out: models.Shape{C: 64, H: 1, W: 1}}, x, nil, nil, site))
				r.compile(out, random(src, 64), site.D, site.Xmax)
				r.run()
				return value(out), r.grad(site.D), r.grad(site.Xmax)
			}
			y, dd, dxmax := run(c.d, c.xmax, limits)
			want, wantD, wantX := run(c.usedD, c.usedMax, quant.Limits{})
			if !slices.Equal(y, want) {
				t.Errorf("y = %v, want %v", y, want)
			}
			if !c.dFree {
				wantD = []float32{0}
			}
			if !c.xFree {
				wantX = []float32{0}
			}
			if !slices.Equal(dd, wantD) || !slices.Equal(dxmax, wantX) {
				t.Errorf("gradients %v and %v, want %v and %v", dd, dxmax, wantD, wantX)
			}
		})
	}
}

// Straight through means that a gradient passes bit by bit or not at all: inside the range and inside the
// activation it does, on an edge it does not. The result is a multiple of the step within half a
// step of the clipped value.
func TestStraightThroughMask(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		act := rapid.SampledFrom([]models.Activation{models.Linear, models.ReLU, models.ReLU6}).Draw(rt, "activation")
		signed := rapid.Bool().Draw(rt, "signed")
		xmax := float32(rapid.Float64Range(0.01, 8).Draw(rt, "xmax"))
		d := xmax / float32(rapid.Float64Range(1, 200).Draw(rt, "levels"))
		x := make([]float32, rapid.IntRange(1, 40).Draw(rt, "n"))
		for i := range x {
			switch rapid.IntRange(0, 3).Draw(rt, "kind") {
			case 0: // an edge
				x[i] = rapid.SampledFrom([]float32{0, 6, xmax, -xmax}).Draw(rt, "edge")
			case 1: // a tie, or close to one
				x[i] = d * (float32(rapid.IntRange(-8, 8).Draw(rt, "code")) + 0.5)
			default:
				x[i] = float32(rapid.Float64Range(-10, 10).Draw(rt, "x"))
			}
		}
		n := len(x)
		r := newRig(t, 1, 1, Mode{Training: true, Quantize: true})
		in := r.input("x", x, 1, 1, 1, n)
		site := &Site{D: r.vector("d", d), Xmax: r.vector("xmax", xmax), Quantizer: Quantizer{Signed: signed, Surrogate: kernel.STE}}
		y := r.must(r.g.Epilogue(&models.Layer{Activation: act, Out: models.Shape{C: n, H: 1, W: 1}}, in, nil, nil, site))
		dy := random(rand.New(rand.NewPCG(9, uint64(n))), n)
		r.compile(y, dy, in)
		r.run()
		lo, top := float32(0), float32(math.Inf(1))
		if signed {
			lo = -xmax
		}
		if act == models.ReLU6 {
			top = 6
		}
		for i, v := range x {
			inside := v > lo && v < xmax && (act == models.Linear || v > 0 && v < top)
			want := float32(0)
			if inside {
				want = dy[i]
			}
			if got := r.grad(in)[i]; got != want {
				rt.Errorf("x = %v: gradient %v, want %v", v, got, want)
			}
			h := v
			if act != models.Linear {
				h = min(max(v, 0), top)
			}
			h = min(max(h, lo), xmax)
			code := math.RoundToEven(float64(h / d))
			if got, want := value(y)[i], d*float32(code); got != want {
				rt.Errorf("x = %v: y = %v, want %v = %v*%v", v, got, want, code, d)
			}
			if e := math.Abs(float64(value(y)[i] - h)); e > float64(d)*0.50001 {
				rt.Errorf("x = %v: y = %v is %v from %v, the step is %v", v, value(y)[i], e, h, d)
			}
		}
	})
}
