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
	inputs := gorgonia.Nodes{logits, labels}
	node, err := gorgonia.ApplyOp(&call{
		id: g.nextID(), name: "softmax-cross-entropy", in: typesOf(inputs), out: tensor.Float32, shape: tensor.ScalarShape(), wrt: []bool{true, false},
		do: l.forward,
		diff: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			l.grad = newTensor(in[0].Shape()...)
			nodes, err := g.backward("back softmax-cross-entropy", gorgonia.Nodes{in[0], in[1], grad}, []output{{"dlogits", l.grad}}, l.backward)
			return append(nodes, nil), err
		},
	}, inputs...)
	l.Node = node
	return l, err
}

func (l *Loss) forward(in []gorgonia.Value) (gorgonia.Value, error) {
	x, labels, k := floats(in[0]), floats(in[1]), l.classes
	total := 0.0
	l.correct, l.count = 0, 0
	for n, label := range labels {
		row, prob := x[n*k:(n+1)*k], l.prob[n*k:(n+1)*k]
		top := 0
		for i, v := range row {
			if v > row[top] {
				top = i
			}
		}
		sum, mean := 0.0, 0.0
		for i, v := range row {
			e := math.Exp(float64(v) - float64(row[top]))
			prob[i] = float32(e)
			sum += e
			mean += float64(v)
		}
		for i := range prob {
			prob[i] = float32(float64(prob[i]) / sum)
		}
		if label < 0 {
			continue
		}
		y := int(label)
		if y >= k {
			return nil, fmt.Errorf("label %v of sample %d is not one of %d classes", label, n, k)
		}
		l.count++
		if y == top {
			l.correct++
		}
		// -sum t*log p = log(sum exp) - (1-s)*x_y - s/K*sum x, relative to the largest logit
		s := float64(l.Smoothing)
		logSum := float64(row[top]) + math.Log(sum)
		total += logSum - (1-s)*float64(row[y]) - s*mean/float64(k)
	}
	*l.value = 0
	if l.count > 0 {
		*l.value = gorgonia.F32(total / float64(l.count))
	}
	return l.value, nil
}

func (l *Loss) backward(in []gorgonia.Value) error {
	labels, k, dx := floats(in[1]), l.classes, l.grad.Float32s()
	up, ok := in[2].Data().(float32)
	if !ok {
		return fmt.Errorf("gradient of the loss is a %T, want float32", in[2].Data())
	}
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
