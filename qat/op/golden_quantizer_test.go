package op

import (
	"testing"

	"dse/models"
	"dse/qat/internal/golden"
	"dse/qat/kernel"
	"dse/qat/quant"
)

// surrogates are the names of the references.
var surrogates = map[string]kernel.Surrogate{
	"STE": kernel.STE, "EWGS": kernel.EWGS, "ATanh": kernel.ATanh, "Tanh": kernel.Tanh,
	"PBGS": kernel.PBGS, "PBGS_nosign": kernel.PBGSUnsigned, "Acos": kernel.Acos,
}

// quantizerAttrs are the attributes that describe a quantizer.
type quantizerAttrs struct {
	Phi     string  `json:"phi"`
	Delta   float32 `json:"delta"`
	Signed  bool    `json:"signed"`
	Step    string  `json:"step"`
	DMin    float32 `json:"d_min"`
	DMax    float32 `json:"d_max"`
	XmaxMin float32 `json:"xmax_min"`
	XmaxMax float32 `json:"xmax_max"`
	MinBits int     `json:"bitwidth_min"`
}

func (a quantizerAttrs) quantizer(c *golden.Case) Quantizer {
	c.Helper()
	phi, ok := surrogates[a.Phi]
	if !ok {
		c.Fatalf("unknown value %q of attribute phi", a.Phi)
	}
	c.OneOf("step", a.Step, "free", "pow2")
	return Quantizer{
		Signed: a.Signed, PowerOfTwo: a.Step == "pow2", Surrogate: phi, Delta: a.Delta,
		Limits: quant.Limits{DMin: a.DMin, DMax: a.DMax, XmaxMin: a.XmaxMin, XmaxMax: a.XmaxMax},
	}
}

// TestQuantizerGolden runs the references of the quantizer through the ops that hold one: tensors
// of weights through Conv, a bias through its slice, activations through Epilogue.
func TestQuantizerGolden(t *testing.T) {
	golden.Each(t, "quantizer", func(c *golden.Case) {
		var a struct {
			quantizerAttrs
			Kind   string `json:"kind"`
			Axis   *int   `json:"axis"`
			Slices int    `json:"slices"`
			Of     []int  `json:"slice_of_channel"`
		}
		c.Attrs(&a)
		q := a.quantizer(c)
		switch {
		case a.Kind == "bias":
			quantizedBias(c, q)
		case a.Axis == nil && a.Kind[0] == 'a':
			quantizedActivation(c, q)
		default:
			axis := 0
			if a.Axis != nil {
				axis = *a.Axis
			}
			quantizedWeights(c, q, axis, groupSize(c, a.Slices, a.Of))
		}
		c.Elsewhere("q", "bits", "size_kB", "dS_dd", "dS_dxmax") // package quant's
	})
}

// groupSize returns the channels per slice, 0 for all of them.
func groupSize(c *golden.Case, slices int, sliceOf []int) int {
	c.Helper()
	if slices == 1 {
		return 0
	}
	group := len(sliceOf) / slices
	for i, s := range sliceOf {
		if s != i/group {
			c.Fatalf("channel %d is in slice %d, not in neighbouring groups of %d", i, s, group)
		}
	}
	return group
}

// compare holds results in the order of the reference to the tolerances.
func compare(c *golden.Case, y, dx, dd, dxmax []float32) {
	c.Helper()
	golden.Near(c, "y", y, golden.Quantizer)
	golden.Near(c, "dx", dx, golden.Quantizer)
	golden.Near(c, "dd", dd, golden.QuantizerSums)
	if other := "dxmax_if_edges_count_as_inside"; c.Has(other) {
		golden.NearEither(c, "dxmax", other, dxmax, golden.QuantizerSums)
		c.Elsewhere(other)
	} else {
		golden.Near(c, "dxmax", dxmax, golden.QuantizerSums)
	}
}

func quantizedActivation(c *golden.Case, q Quantizer) {
	c.Helper()
	r := newRig(c, c.Shape("x")[0], 1, Mode{Training: true, Quantize: true})
	x := image(r, c, "x")
	site := &Site{D: r.vector("d", c.Float32s("d")...), Xmax: r.vector("xmax", c.Float32s("xmax")...), Quantizer: q}
	y := r.must(r.g.Epilogue(&models.Layer{Out: mapShape(c.Shape("x"))}, x, nil, nil, site))
	r.compile(y, upstream(c), x, site.D, site.Xmax)
	r.run()
	shape := c.Shape("x")
	compare(c, channelsFirst(value(y), shape), channelsFirst(r.grad(x), shape), r.grad(site.D), r.grad(site.Xmax))
}

func quantizedBias(c *golden.Case, q Quantizer) {
	c.Helper()
	n := c.Shape("x")[0]
	r := newRig(c, 1, 1, Mode{Training: true, Quantize: true})
	w := unquantized(r, r.input("w", make([]float32, n), n, 1), r.vector("x", c.Float32s("x")...))
	w.BiasSlice = &Slice{D: r.vector("bias.d", c.Float32s("d")...), Xmax: r.vector("bias.xmax", c.Float32s("xmax")...), Quantizer: q}
	l := &models.Layer{Kind: models.Dense, In: models.Shape{C: 1, H: 1, W: 1}, Out: models.Shape{C: n, H: 1, W: 1}, Bias: true}
	y := r.must(r.g.Conv(l, r.input("image", filled(1, 0), 1, 1, 1, 1), w, false))
	r.compile(y, c.Float32s("dy"), w.Bias, w.BiasSlice.D, w.BiasSlice.Xmax)
	r.run()
	compare(c, value(y), r.grad(w.Bias), r.grad(w.BiasSlice.D), r.grad(w.BiasSlice.Xmax))
}

// quantizedWeights takes x as the weights of a dense layer with the channels of the axis as outputs, and
// applies it to the identity matrix: the result is the transposed quantized weights, exactly.
//
// Activations sliced by channel occur in the references alone, for the trainer has one slice for
// an activation; as weights they meet the same arithmetic.
func quantizedWeights(c *golden.Case, q Quantizer, axis, group int) {
	c.Helper()
	shape := c.Shape("x")
	outer, inner := 1, 1
	for i, n := range shape {
		switch {
		case i < axis:
			outer *= n
		case i > axis:
			inner *= n
		}
	}
	o, k := shape[axis], outer*inner
	// at is the position in the reference of weight j of output i.
	at := func(i, j int) int { return (j/inner*o+i)*inner + j%inner }
	x, dy := c.Float32s("x"), c.Float32s("dy")
	w, up, identity := make([]float32, o*k), make([]float32, k*o), make([]float32, k*k)
	for j := range k {
		identity[j*k+j] = 1
		for i := range o {
			w[i*k+j], up[j*o+i] = x[at(i, j)], dy[at(i, j)]
		}
	}
	r := newRig(c, k, 1, Mode{Training: true, Quantize: true})
	weights := Weights{
		W: r.input("w", w, o, k), D: r.vector("d", c.Float32s("d")...), Xmax: r.vector("xmax", c.Float32s("xmax")...), Group: group, Quantizer: q,
	}
	l := &models.Layer{Kind: models.Dense, In: models.Shape{C: k, H: 1, W: 1}, Out: models.Shape{C: o, H: 1, W: 1}}
	y := r.must(r.g.Conv(l, r.input("identity", identity, k, 1, 1, k), weights, false))
	r.compile(y, up, weights.W, weights.D, weights.Xmax)
	r.run()
	gotY, gotDx := make([]float32, o*k), make([]float32, o*k)
	for j := range k {
		for i := range o {
			gotY[at(i, j)], gotDx[at(i, j)] = value(y)[j*o+i], r.grad(weights.W)[i*k+j]
		}
	}
	compare(c, gotY, gotDx, r.grad(weights.D), r.grad(weights.Xmax))
}
