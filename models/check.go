package models

import "fmt"

// Check verifies the graph's invariants and returns the first breach: shapes that do not follow
// from the operation, inputs that are not earlier layers, a result that nobody reads.
func (n *Network) Check() error {
	if len(n.Layers) < 2 || n.Layers[0].Kind != Input {
		return fmt.Errorf("network %s: needs an input layer followed by at least one other", n.Name)
	}
	read := make([]bool, len(n.Layers))
	for i := range n.Layers {
		l := &n.Layers[i]
		if err := n.checkLayer(i); err != nil {
			return fmt.Errorf("network %s: layer %d (%s): %w", n.Name, i, l.Name, err)
		}
		for _, j := range l.Inputs {
			read[j] = true
		}
	}
	for i := range read[:len(read)-1] {
		if !read[i] {
			return fmt.Errorf("network %s: nobody reads layer %d (%s)", n.Name, i, n.Layers[i].Name)
		}
	}
	return nil
}

func (n *Network) checkLayer(i int) error {
	l := &n.Layers[i]
	if err := l.checkInputs(); err != nil {
		return err
	}
	for _, j := range l.Inputs {
		if j < 0 || j >= i {
			return fmt.Errorf("input %d is not an earlier layer", j)
		}
	}
	if l.Stage < 0 || l.Stage >= len(n.Stages) {
		return fmt.Errorf("stage %d of %d", l.Stage, len(n.Stages))
	}
	if l.Out.C <= 0 || l.Out.H <= 0 || l.Out.W <= 0 {
		return fmt.Errorf("empty output %v", l.Out)
	}
	if l.Kind == Input {
		return nil
	}
	if l.In != n.Layers[l.Inputs[0]].Out {
		return fmt.Errorf("input shape %v, producer gives %v", l.In, n.Layers[l.Inputs[0]].Out)
	}
	return n.checkShape(l)
}

// checkInputs verifies the number of inputs.
func (l *Layer) checkInputs() error {
	want := 1
	switch l.Kind {
	case Input:
		want = 0
	case Add, Multiply:
		want = 2
	case Concat:
		if len(l.Inputs) == 0 {
			return fmt.Errorf("a concat of nothing")
		}
		return nil
	}
	if len(l.Inputs) != want {
		return fmt.Errorf("%v takes %d inputs, has %d", l.Kind, want, len(l.Inputs))
	}
	return nil
}

// checkShape verifies that the output's shape follows from the inputs' and the operation.
func (n *Network) checkShape(l *Layer) error {
	if (l.Dilation.H < 0 || l.Dilation.W < 0) || (l.Kind != Conv && l.Dilation != Window{}) {
		return fmt.Errorf("a %v with dilation %dx%d", l.Kind, l.Dilation.H, l.Dilation.W)
	}
	want := l.In
	switch l.Kind {
	case Conv, AveragePool, MaxPool:
		span := l.Span()
		want.H = outputSize(l.In.H, span.H, l.Stride.H, l.Pad.Top+l.Pad.Bottom)
		want.W = outputSize(l.In.W, span.W, l.Stride.W, l.Pad.Left+l.Pad.Right)
	case Deconv:
		want.H = (l.In.H-1)*l.Stride.H + l.Kernel.H - l.Pad.Top - l.Pad.Bottom
		want.W = (l.In.W-1)*l.Stride.W + l.Kernel.W - l.Pad.Left - l.Pad.Right
		if l.Stride.H < 1 || l.Stride.W < 1 || l.Pad.Top >= l.Kernel.H || l.Pad.Left >= l.Kernel.W {
			return fmt.Errorf("a deconv of stride %dx%d that crops %+v of a %dx%d kernel", l.Stride.H, l.Stride.W, l.Pad, l.Kernel.H, l.Kernel.W)
		}
	case Dense:
		want.H, want.W = 1, 1
	case Resize:
		want.H, want.W = cropped(l.In.H, l.Factor, l.Out.H), cropped(l.In.W, l.Factor, l.Out.W)
	case Concat:
		return n.checkConcat(l)
	case Add, Multiply:
		other := n.Layers[l.Inputs[1]].Out
		if other != l.In && (l.Kind == Add || other != Shape{l.In.C, 1, 1}) {
			return fmt.Errorf("%v of %v and %v", l.Kind, l.In, other)
		}
	}
	switch l.Kind {
	case Conv, Deconv:
		want.C = l.Out.C
		if l.Groups < 1 || l.In.C%l.Groups != 0 || l.Out.C%l.Groups != 0 {
			return fmt.Errorf("%d groups do not divide %d input and %d output channels", l.Groups, l.In.C, l.Out.C)
		}
	case Dense:
		want.C = l.Out.C
	case Shuffle:
		if l.Groups < 1 || l.In.C%l.Groups != 0 {
			return fmt.Errorf("%d groups do not divide %d channels", l.Groups, l.In.C)
		}
	case Slice:
		want.C = l.Out.C
		if l.First < 0 || l.First+l.Out.C > l.In.C {
			return fmt.Errorf("channels %d to %d of %d", l.First, l.First+l.Out.C, l.In.C)
		}
	}
	if want != l.Out {
		return fmt.Errorf("output %v, operation gives %v", l.Out, want)
	}
	return nil
}

// checkConcat verifies that the channels of a concat, or the elements of a vector, add up.
func (n *Network) checkConcat(l *Layer) error {
	vector := l.Out.H == 1 && l.Out.W == 1
	sum := 0
	for _, j := range l.Inputs {
		in := n.Layers[j].Out
		switch {
		case vector:
			sum += in.Elements()
		case in.H != l.Out.H || in.W != l.Out.W:
			return fmt.Errorf("concat of maps of %dx%d and %dx%d", in.H, in.W, l.Out.H, l.Out.W)
		default:
			sum += in.C
		}
	}
	if sum != l.Out.C {
		return fmt.Errorf("%d channels, the inputs have %d", l.Out.C, sum)
	}
	return nil
}

// cropped returns the extent of an enlarged input: the given one if it cuts off less than the factor.
func cropped(in, factor, out int) int {
	if whole := in * factor; out > whole || out <= whole-factor {
		return whole
	}
	return out
}

// outputSize returns the extent of the result of a sliding window that covers span inputs, 0 if the
// window does not fit.
func outputSize(in, span, stride, pad int) int {
	if stride < 1 || in+pad < span {
		return 0
	}
	return (in+pad-span)/stride + 1
}
