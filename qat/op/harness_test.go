package op

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/models"
	"dse/qat/kernel"
)

// rig is a graph under test on the TapeMachine. Inputs are added with input, the graph is closed by
// compile, and run executes it on what the inputs hold.
type rig struct {
	testing.TB
	g      *Graph
	mode   *Mode
	inputs []*gorgonia.Node
	result *gorgonia.Node // what compile was given
	cost   *gorgonia.Node
	vm     gorgonia.VM
	grads  map[*gorgonia.Node]*gorgonia.Node
	// weighted is the last run's sum of result*dy in double precision, see compile.
	weighted float64
}

func newRig(t testing.TB, batch, threads int, mode Mode) *rig {
	t.Helper()
	team := kernel.NewTeam(threads)
	t.Cleanup(team.Close)
	r := &rig{TB: t, mode: &mode}
	r.g = NewGraph(batch, r.mode, team)
	return r
}

// input adds an input that holds data, which the test may change between runs.
func (r *rig) input(name string, data []float32, shape ...int) *gorgonia.Node {
	r.Helper()
	value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
	n := gorgonia.NewTensor(r.g.Expr, tensor.Float32, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(value))
	r.inputs = append(r.inputs, n)
	return n
}

// vector adds an input of one dimension.
func (r *rig) vector(name string, data ...float32) *gorgonia.Node {
	r.Helper()
	return r.input(name, data, len(data))
}

// must returns the node of a successful construction.
func (r *rig) must(n *gorgonia.Node, err error) *gorgonia.Node {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
	return n
}

// compile closes the graph with cost = sum of y*dy, so that dy is the gradient of y, and asks for
// the gradients with respect to wrt. With dy nil, y is the cost itself.
func (r *rig) compile(y *gorgonia.Node, dy []float32, wrt ...*gorgonia.Node) {
	r.Helper()
	r.result, r.cost = y, y
	if dy != nil {
		r.cost = r.weightedSum(y, dy)
	}
	r.grads = map[*gorgonia.Node]*gorgonia.Node{}
	if len(wrt) > 0 {
		grads, err := gorgonia.Grad(r.cost, wrt...)
		if err != nil {
			r.Fatal(err)
		}
		for i, n := range wrt {
			r.grads[n] = grads[i]
		}
	}
	r.vm = gorgonia.NewTapeMachine(r.g.Expr)
	r.Cleanup(func() { r.vm.Close() })
}

// weightedSum is an op that exists for tests alone.
func (r *rig) weightedSum(y *gorgonia.Node, dy []float32) *gorgonia.Node {
	r.Helper()
	value := new(gorgonia.F32)
	return r.must(gorgonia.ApplyOp(&call{
		id: r.g.nextID(), name: "weighted sum", in: typesOf(gorgonia.Nodes{y}), out: tensor.Float32, shape: tensor.ScalarShape(), wrt: []bool{true},
		do: func(in []gorgonia.Value) (gorgonia.Value, error) {
			r.weighted = 0
			for i, v := range floats(in[0]) {
				r.weighted += float64(v) * float64(dy[i])
			}
			*value = gorgonia.F32(r.weighted)
			return value, nil
		},
		diff: func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx := tensor.New(tensor.WithShape(in[0].Shape()...), tensor.WithBacking(slices.Clone(dy)))
			return r.g.backward("back weighted sum", gorgonia.Nodes{out, in[0], grad}, []output{{"dx", dx}}, func([]gorgonia.Value) error {
				copy(dx.Float32s(), dy) // gorgonia may have added another gradient in place
				return nil
			})
		},
	}, y))
}

// run executes the graph.
func (r *rig) run() {
	r.Helper()
	r.vm.Reset()
	if err := r.vm.RunAll(); err != nil {
		r.Fatal(err)
	}
}

// loss executes the graph and returns the cost, in double precision if compile was given dy.
func (r *rig) loss() float64 {
	r.Helper()
	r.weighted = 0
	r.run()
	if v, ok := r.cost.Value().Data().(float32); ok && r.weighted == 0 {
		return float64(v)
	}
	return r.weighted
}

// grad returns the last run's gradient of an input.
func (r *rig) grad(n *gorgonia.Node) []float32 {
	r.Helper()
	g := r.grads[n]
	if g == nil {
		r.Fatalf("no gradient of %v was asked for", n.Name())
	}
	return value(g)
}

// value returns what a node holds.
func value(n *gorgonia.Node) []float32 { return floats(n.Value()) }

// channelsLast reorders [A, B, H, W] to [A, H, W, B]: activations NCHW to NHWC, weights OIHW to
// OHWI. A matrix [A, B] stays as it is.
func channelsLast(x []float32, shape []int) []float32 {
	a, b, hw := split(shape)
	y := make([]float32, len(x))
	for i := range a {
		for j := range b {
			for k := range hw {
				y[(i*hw+k)*b+j] = x[(i*b+j)*hw+k]
			}
		}
	}
	return y
}

// channelsFirst is the inverse of channelsLast; shape is that of its result.
func channelsFirst(y []float32, shape []int) []float32 {
	a, b, hw := split(shape)
	x := make([]float32, len(y))
	for i := range a {
		for j := range b {
			for k := range hw {
				x[(i*b+j)*hw+k] = y[(i*hw+k)*b+j]
			}
		}
	}
	return x
}

func split(shape []int) (a, b, hw int) {
	hw = 1
	for _, n := range shape[2:] {
		hw *= n
	}
	return shape[0], shape[1], hw
}

// mapShape reads [N, C, H, W] or [N, C] as the shape of one image's tensor.
func mapShape(shape []int) models.Shape {
	s := models.Shape{C: shape[1], H: 1, W: 1}
	if len(shape) == 4 {
		s.H, s.W = shape[2], shape[3]
	}
	return s
}

// random returns n values drawn from the normal distribution.
func random(src *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(src.NormFloat64())
	}
	return x
}

// filled returns n times v.
func filled(n int, v float32) []float32 { return slices.Repeat([]float32{v}, n) }

// gradAfterRuns runs the graph twice and returns a copy of the gradient of n: what gorgonia does in
// place in one run must not reach the next.
func (r *rig) gradAfterRuns(n *gorgonia.Node) []float32 {
	r.Helper()
	r.run()
	first := slices.Clone(r.grad(n))
	r.run()
	if second := r.grad(n); !slices.Equal(first, second) {
		r.Errorf("gradient of %v is %v in the first run and %v in the second", n.Name(), first, second)
	}
	return first
}

func newSource(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
