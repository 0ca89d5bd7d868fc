package op

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Loss is softmax cross-entropy with label smoothing s over K classes: the target of class y is
// (1-s)*onehot(y) + s/K. The loss is the mean over the labelled samples of the batch.
type Loss struct {
	Node      *gorgonia.Node // scalar
	Smoothing float32

	value   *gorgonia.F32
	classes int
	correct int
	count   int
	prob    []float32 // softmax, kept for the gradient
	grad    *tensor.Dense
}

// Value returns the last run's mean loss.
func (l *Loss) Value() float64 { return float64(*l.value) }

// Correct returns how many of the last run's labelled samples had their class ranked first (the
// lower class wins ties), and how many were labelled.
func (l *Loss) Correct() (correct, of int) { return l.correct, l.count }

// SoftmaxCrossEntropy adds the loss over logits [N, 1, 1, K] and labels [N], which hold class
// numbers as float32; a negative label leaves its sample out.
func (g *Graph) SoftmaxCrossEntropy(logits, labels *gorgonia.Node, smoothing float32) (*Loss, error) {
	k := logits.Shape()[3]
	l := &Loss{Smoothing: smoothing, value: new(gorgonia.F32), classes: k, prob: make([]float32, g.Batch*k)}
	var err error
	l.Node, err = g.loss("softmax-cross-entropy", logits, labels, l.forward, &l.grad, l.backward)
	return l, err
}

// loss applies a scalar operation to logits and target, with a gradient for the logits alone. grad
// is made for backward to fill; its arguments are target and the gradient of the loss.
func (g *Graph) loss(name string, logits, target *gorgonia.Node, forward func([]gorgonia.Value) (gorgonia.Value, error),
	grad **tensor.Dense, backward func(target []float32, up float32) error) (*gorgonia.Node, error) {
	inputs := gorgonia.Nodes{logits, target}
	return gorgonia.ApplyOp(&call{
		id: g.nextID(), name: name, in: typesOf(inputs), out: tensor.Float32, shape: tensor.ScalarShape(), wrt: []bool{true, false},
		do: forward,
		diff: func(in gorgonia.Nodes, out, up *gorgonia.Node) (gorgonia.Nodes, error) {
			*grad = newTensor(in[0].Shape()...)
			// The gradient of the loss is a constant and logits are there before the loss is: only
			// out among the inputs makes gorgonia run backward after forward, whose probabilities it uses.
			nodes, err := g.backward("back "+name, gorgonia.Nodes{out, in[1], up}, []output{{"dlogits", *grad}}, func(in []gorgonia.Value) error {
				u, ok := in[2].(*gorgonia.F32)
				if !ok {
					return fmt.Errorf("gradient of the loss is a %T, want a float32 scalar", in[2])
				}
				return backward(floats(in[1]), float32(*u))
			})
			return append(nodes, nil), err
		},
	}, inputs...)
}

// softmax writes the probabilities of a sample's logits to p and returns log(sum(exp(x))) and the
// class ranked first, the lowest among equals.
func softmax(p, x []float32) (logSum float64, top int) {
	for i, v := range x {
		if v > x[top] {
			top = i
		}
	}
	sum := 0.0
	for i, v := range x {
		e := math.Exp(float64(v) - float64(x[top]))
		p[i] = float32(e)
		sum += e
	}
	for i := range p {
		p[i] = float32(float64(p[i]) / sum)
	}
	return float64(x[top]) + math.Log(sum), top
}

func (l *Loss) forward(in []gorgonia.Value) (gorgonia.Value, error) {
	x, labels, k := floats(in[0]), floats(in[1]), l.classes
	total := 0.0
	l.correct, l.count = 0, 0
	for n, label := range labels {
		row := x[n*k : (n+1)*k]
		logSum, top := softmax(l.prob[n*k:(n+1)*k], row)
		if label < 0 {
			continue
		}
		y := int(label)
		if y < 0 || y >= k || float32(y) != label { // NaN converts to anything
			return nil, fmt.Errorf("label %v of sample %d is not one of %d classes", label, n, k)
		}
		l.count++
		if y == top {
			l.correct++
		}
		mean := 0.0
		for _, v := range row {
			mean += float64(v)
		}
		// -sum t*log p = log(sum exp) - (1-s)*x_y - s/K*sum x
		s := float64(l.Smoothing)
		total += logSum - (1-s)*float64(row[y]) - s*mean/float64(k)
	}
	*l.value = 0
	if l.count > 0 {
		*l.value = gorgonia.F32(total / float64(l.count))
	}
	return l.value, nil
}

func (l *Loss) backward(labels []float32, up float32) error {
	k, dx := l.classes, l.grad.Float32s()
	rest := l.Smoothing / float32(k)
	scale := up / float32(max(1, l.count))
	for n, label := range labels {
		row, prob := dx[n*k:(n+1)*k], l.prob[n*k:(n+1)*k]
		if label < 0 {
			clear(row)
			continue
		}
		for i, p := range prob {
			t := rest
			if i == int(label) {
				t += 1 - l.Smoothing
			}
			row[i] = (p - t) * scale
		}
	}
	return nil
}

// SoftLoss is cross-entropy against the probabilities of a teacher, at temperature 1: the mean over the
// batch of -sum softmax(teacher)*log(softmax(logits)).
type SoftLoss struct {
	Node *gorgonia.Node // scalar

	value        *gorgonia.F32
	classes      int
	prob, target []float32 // softmax of logits and teacher, kept for the gradient
	grad         *tensor.Dense
}

// Value returns the last run's mean loss.
func (l *SoftLoss) Value() float64 { return float64(*l.value) }

// SoftCrossEntropy adds the loss over logits and a teacher's logits, both [N, 1, 1, K]. No gradient goes
// to the teacher.
func (g *Graph) SoftCrossEntropy(logits, teacher *gorgonia.Node) (*SoftLoss, error) {
	k := logits.Shape()[3]
	l := &SoftLoss{value: new(gorgonia.F32), classes: k, prob: make([]float32, g.Batch*k), target: make([]float32, g.Batch*k)}
	var err error
	l.Node, err = g.loss("soft-cross-entropy", logits, teacher, l.forward, &l.grad, l.backward)
	return l, err
}

func (l *SoftLoss) forward(in []gorgonia.Value) (gorgonia.Value, error) {
	x, teacher, k := floats(in[0]), floats(in[1]), l.classes
	total := 0.0
	for lo := 0; lo < len(x); lo += k {
		row, target := x[lo:lo+k], l.target[lo:lo+k]
		softmax(target, teacher[lo:lo+k])
		logSum, _ := softmax(l.prob[lo:lo+k], row)
		for i, t := range target {
			total += float64(t) * (logSum - float64(row[i]))
		}
	}
	*l.value = gorgonia.F32(total / float64(len(x)/k))
	return l.value, nil
}

func (l *SoftLoss) backward(_ []float32, up float32) error {
	dx := l.grad.Float32s()
	scale := up / float32(len(dx)/l.classes)
	for i, p := range l.prob {
		dx[i] = (p - l.target[i]) * scale
	}
	return nil
}
