package op

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"pgregory.net/rapid"

	"dse/models"
	"dse/qat/quant"
)

// Convolutions of any geometry are what the definition says, in double precision:
//
//	y[n, oh, ow, o] = sum of x[n, oh*stride - pad + kh*dilation, ..., c] * w[o, kh, kw, c]
//
// over the taps inside the image and the channels c of o's group. The references have square strides and
// dilations alone.
func TestConvByDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		small := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(rt, name) }
		window := func(name string, hi int) models.Window {
			return models.Window{H: small(name+".h", 1, hi), W: small(name+".w", 1, hi)}
		}
		groups := small("groups", 1, 4)
		l := &models.Layer{
			Name: "conv", Kind: models.Conv, Groups: groups, Kernel: window("kernel", 4), Stride: window("stride", 3), Dilation: window("dilation", 3),
			Pad: models.Pad{Top: small("top", 0, 3), Left: small("left", 0, 3), Bottom: small("bottom", 0, 3), Right: small("right", 0, 3)},
		}
		span := l.Span()
		l.In = models.Shape{
			C: groups * small("in", 1, 3),
			H: max(1, span.H-l.Pad.Top-l.Pad.Bottom) + small("more rows", 0, 5), W: max(1, span.W-l.Pad.Left-l.Pad.Right) + small("more columns", 0, 5),
		}
		l.Out = models.Shape{
			C: groups * small("out", 1, 3),
			H: (l.In.H+l.Pad.Top+l.Pad.Bottom-span.H)/l.Stride.H + 1, W: (l.In.W+l.Pad.Left+l.Pad.Right-span.W)/l.Stride.W + 1,
		}
		const batch = 2
		src := newSource(4)
		r := newRig(t, batch, 1, Mode{})
		x := r.input("x", random(src, batch*l.In.Elements()), batch, l.In.H, l.In.W, l.In.C)
		w := r.input("w", random(src, l.WeightElements()), l.Out.C, l.Fanin())
		y := r.must(r.g.Conv(l, x, unquantized(r, w, nil), false))
		r.compile(y, nil)
		r.run()
		got, want := value(y), convByDefinition(l, value(x), value(w), batch)
		for i, v := range want {
			if math.Abs(float64(got[i])-v) > 1e-5*math.Sqrt(float64(l.Fanin())) {
				rt.Fatalf("%+v: y[%d] = %v, want %v", *l, i, got[i], v)
			}
		}
	})
}

func convByDefinition(l *models.Layer, x, w []float32, batch int) []float64 {
	y := make([]float64, batch*l.Out.Elements())
	in, out := l.In.C/l.Groups, l.Out.C/l.Groups
	for i := range y {
		o, ow, oh, n := i%l.Out.C, i/l.Out.C%l.Out.W, i/l.Out.C/l.Out.W%l.Out.H, i/l.Out.Elements()
		for k := range l.Fanin() {
			c, kw, kh := k%in, k/in%l.Kernel.W, k/in/l.Kernel.W
			ih, iw := oh*l.Stride.H-l.Pad.Top+kh*l.Dilation.H, ow*l.Stride.W-l.Pad.Left+kw*l.Dilation.W
			if ih < 0 || ih >= l.In.H || iw < 0 || iw >= l.In.W {
				continue
			}
			y[i] += float64(x[((n*l.In.H+ih)*l.In.W+iw)*l.In.C+o/out*in+c]) * float64(w[o*l.Fanin()+k])
		}
	}
	return y
}

// Calibration sets each quantizer from what it sees, the second from results that the first has
// quantized, and leaves the running statistics alone.
func TestCalibration(t *testing.T) {
	const n, channels = 60, 6
	for _, signed := range []bool{false, true} {
		r := newRig(t, 10, 1, Mode{Training: true, Quantize: true, Calibrate: true})
		l := &models.Layer{Out: models.Shape{C: channels, H: 1, W: 1}}
		x := r.input("x", random(newSource(1), n), 10, 1, 1, channels)
		norm := &Norm{Gamma: r.vector("gamma", filled(channels, 1)...), Beta: r.vector("beta", filled(channels, 0.3)...), Mean: newTensor(channels), Var: newTensor(channels), Momentum: 0.5, Eps: 1e-3}
		site := func(name string, bits int) *Site {
			return &Site{
				D: r.vector(name+".d", 99), Xmax: r.vector(name+".xmax", 99), Quantizer: Quantizer{Signed: signed, Limits: quant.ActivationLimits},
				Init: func(y []float32) (d, xmax float32) {
					return quant.InitPercentile(y, make([]float32, n), 90, bits, signed)
				},
			}
		}
		first, second := site("first", 3), site("second", 4)
		y1 := r.must(r.g.Epilogue(l, x, norm, nil, first))
		y2 := r.must(r.g.Epilogue(l, y1, nil, nil, second))
		plain := r.must(r.g.Epilogue(l, x, norm, nil, nil)) // what the first quantizer sees
		r.compile(y2, nil)
		r.run()
		for i := range value(norm.Gamma) { // again, from wider values than the quantizers are in use for
			value(norm.Gamma)[i] = 2
		}
		r.run()
		for _, c := range []struct {
			name string
			site *Site
			seen []float32
		}{{"first", first, value(plain)}, {"second", second, value(y1)}} {
			d, xmax := c.site.Init(c.seen)
			if got := []float32{value(c.site.D)[0], value(c.site.Xmax)[0]}; !slices.Equal(got, []float32{d, xmax}) {
				t.Errorf("signed %v: %s quantizer has step and range %v, want %v and %v", signed, c.name, got, d, xmax)
			}
		}
		if slices.Equal(value(y1), value(plain)) {
			t.Errorf("signed %v: the first result is not quantized", signed)
		}
		if still := make([]float32, channels); !slices.Equal(norm.Mean.Float32s(), still) || !slices.Equal(norm.Var.Float32s(), still) {
			t.Errorf("signed %v: running statistics moved to %v and %v", signed, norm.Mean.Float32s(), norm.Var.Float32s())
		}
	}
}

// The first of equal maxima gets the gradient, NaN is larger than any number, and padding is no
// candidate.
func TestMaxPoolByDefinition(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name string
		x    []float32 // one row; windows of 3, stride 3, padding 1 on the left
		y    []float32
		from []int // which x get the gradient
	}{
		{"plain", []float32{1, 2, 3, 5, 4}, []float32{2, 5}, []int{1, 3}},
		{"equals", []float32{2, 2, 4, 4, 4}, []float32{2, 4}, []int{0, 2}},
		{"negative beside padding", []float32{-3, -2, -1, -1, -1}, []float32{-2, -1}, []int{1, 2}},
		{"nothing but -Inf", []float32{-inf, -inf, -inf, 0, -inf}, []float32{-inf, 0}, []int{0, 3}},
		{"NaN first", []float32{nan, 2, 3, 5, 4}, []float32{nan, 5}, []int{0, 3}},
		{"NaN last", []float32{1, nan, 3, 5, nan}, []float32{nan, nan}, []int{1, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 1, 1, Mode{})
			x := r.input("x", c.x, 1, 1, 5, 1)
			l := &models.Layer{
				Kind: models.MaxPool, In: models.Shape{C: 1, H: 1, W: 5}, Out: models.Shape{C: 1, H: 1, W: 2},
				Kernel: models.Window{H: 1, W: 3}, Stride: models.Window{H: 1, W: 3}, Pad: models.Pad{Left: 1},
			}
			y := r.must(r.g.Pool(l, x))
			r.compile(y, []float32{10, 20}, x)
			r.run()
			for i, want := range c.y {
				if got := value(y)[i]; got != want && (got == got || want == want) {
					t.Errorf("y[%d] = %v, want %v", i, got, want)
				}
			}
			want := make([]float32, 5)
			want[c.from[0]], want[c.from[1]] = 10, 20
			if got := r.grad(x); !slices.Equal(got, want) {
				t.Errorf("gradient %v, want %v", got, want)
			}
		})
	}
}

// The gradient of a loss uses what the loss left behind, so the graph must say that it comes later.
func TestLossComesBeforeItsGradient(t *testing.T) {
	r := newRig(t, 1, 1, Mode{})
	logits := r.input("logits", make([]float32, 3), 1, 1, 1, 3)
	hard, err := r.g.SoftmaxCrossEntropy(logits, r.vector("labels", 1), 0)
	if err != nil {
		t.Fatal(err)
	}
	soft, err := r.g.SoftCrossEntropy(logits, r.input("teacher", make([]float32, 3), 1, 1, 1, 3))
	if err != nil {
		t.Fatal(err)
	}
	r.compile(r.must(gorgonia.Add(hard.Node, soft.Node)), nil, logits)
	for _, loss := range []*gorgonia.Node{hard.Node, soft.Node} {
		found := false
		for _, n := range r.g.Expr.AllNodes() {
			c, ok := n.Op().(*call)
			if ok && c.name == "back "+loss.Op().(*call).name {
				found = r.g.Expr.HasEdgeFromTo(n.ID(), loss.ID())
			}
		}
		if !found {
			t.Errorf("the gradient of %v does not depend on it", loss.Op())
		}
	}
}

// Moments keep their digits when the mean is far beyond the spread: sums of x and x^2 in float32 would
// leave nothing of a variance of 1 beside a mean of 10,000, whose unit in the last place is 0.001.
func TestNormOfLargeMean(t *testing.T) {
	const batch, channels, h, w, mean = 8, 9, 7, 7, 10000
	r := newRig(t, batch, 2, Mode{Training: true})
	x := r.input("x", random(newSource(3), batch*h*w*channels), batch, h, w, channels)
	for i := range value(x) {
		value(x)[i] += mean
	}
	norm := &Norm{Gamma: r.vector("gamma", filled(channels, 1)...), Beta: r.vector("beta", filled(channels, 0)...), Mean: newTensor(channels), Var: newTensor(channels), Momentum: 1, Eps: 1e-3}
	r.compile(r.must(r.g.Epilogue(&models.Layer{Out: models.Shape{C: channels, H: h, W: w}}, x, norm, nil, nil)), nil)
	r.run()
	m := float64(batch * h * w)
	for c := range channels {
		wantMean, wantVar := moments(double(value(x)), c, channels)
		wantVar *= m / (m - 1) // the running variance is the unbiased one
		if got := float64(norm.Mean.Float32s()[c]); math.Abs(got-wantMean) > 0.0005 {
			t.Errorf("mean of channel %d is %v, want %v", c, got, wantMean)
		}
		if got := float64(norm.Var.Float32s()[c]); math.Abs(got-wantVar) > 1e-5*wantVar {
			t.Errorf("variance of channel %d is %v, want %v", c, got, wantVar)
		}
	}
}
