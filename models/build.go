package models

import (
	"fmt"
	"slices"
	"strings"
)

// UnknownError is returned by Build for a name that no network has.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown model %q; the models are: %s", e.Name, strings.Join(e.Known, ", "))
}

// catalogue holds the built-in networks by name.
var catalogue = map[string]func() (*Network, error){
	"mobilenetv2-micro": func() (*Network, error) { return MobileNetV2(MobileNetV2Micro) },
}

// Names lists the built-in networks in alphabetical order.
func Names() []string {
	names := make([]string, 0, len(catalogue))
	for n := range catalogue {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Build returns the built-in network of that name, or an *UnknownError.
func Build(name string) (*Network, error) {
	f, ok := catalogue[name]
	if !ok {
		return nil, &UnknownError{Name: name, Known: Names()}
	}
	return f()
}

// builder appends layers and works out their shapes.
type builder struct{ n *Network }

func newBuilder(name string, image Shape) *builder {
	return &builder{&Network{Name: name, Layers: []Layer{{Name: "image", Kind: Input, Out: image}}}}
}

// stage starts a new stage; layers added from here on belong to it.
func (b *builder) stage(name string) { b.n.Stages = append(b.n.Stages, name) }

func (b *builder) add(l Layer) int {
	l.Stage = len(b.n.Stages) - 1
	l.In = b.n.Layers[l.Inputs[0]].Out
	b.n.Layers = append(b.n.Layers, l)
	return len(b.n.Layers) - 1
}

// conv adds a square convolution with batch norm and padding kernel/2 on each side.
func (b *builder) conv(name string, from, out, kernel, stride, groups int, act Activation) int {
	in := b.n.Layers[from].Out
	pad := kernel / 2
	return b.add(Layer{
		Name: name, Kind: Conv, Inputs: []int{from},
		Out:    Shape{out, outputSize(in.H, kernel, stride, 2*pad), outputSize(in.W, kernel, stride, 2*pad)},
		Kernel: Window{kernel, kernel}, Stride: Window{stride, stride}, Pad: Pad{pad, pad, pad, pad},
		Groups: groups, Norm: true, Activation: act,
	})
}

func (b *builder) residual(name string, main, skip int) int {
	return b.add(Layer{Name: name, Kind: Add, Inputs: []int{main, skip}, Out: b.n.Layers[main].Out})
}

func (b *builder) globalAveragePool(name string, from int) int {
	in := b.n.Layers[from].Out
	return b.add(Layer{
		Name: name, Kind: AveragePool, Inputs: []int{from}, Out: Shape{in.C, 1, 1},
		Kernel: Window{in.H, in.W}, Stride: Window{1, 1},
	})
}

func (b *builder) dense(name string, from, out int) int {
	return b.add(Layer{Name: name, Kind: Dense, Inputs: []int{from}, Out: Shape{out, 1, 1}, Bias: true})
}

func (b *builder) finish(classes int) (*Network, error) {
	b.n.Classes = classes
	if err := b.n.finish(); err != nil {
		return nil, err
	}
	return b.n, nil
}
