package qat

import (
	"fmt"
	"slices"
	"strings"

	"dse/models"
)

// What the trainer has operations for. Everything else can be simulated only.
var (
	trainedKinds       = []models.Kind{models.Input, models.Conv, models.Dense, models.AveragePool, models.MaxPool, models.Add}
	trainedActivations = []models.Activation{models.Linear, models.ReLU, models.ReLU6, models.Swish, models.HardSwish, models.Sigmoid, models.HardSigmoid, models.Tanh}
)

// Trainable returns an error that names everything in a network that the trainer has no operation
// for, with the first layer that needs it.
func Trainable(n *models.Network) error {
	var lacks []string
	kinds, activations := map[models.Kind]bool{}, map[models.Activation]bool{}
	for i := range n.Layers {
		l := &n.Layers[i]
		if !slices.Contains(trainedKinds, l.Kind) && !kinds[l.Kind] {
			kinds[l.Kind] = true
			lacks = append(lacks, fmt.Sprintf("%v (layer %s)", l.Kind, l.Name))
		}
		if !slices.Contains(trainedActivations, l.Activation) && !activations[l.Activation] {
			activations[l.Activation] = true
			lacks = append(lacks, fmt.Sprintf("%v (layer %s)", l.Activation, l.Name))
		}
	}
	if len(lacks) > 0 {
		return fmt.Errorf("network %s cannot be trained, only simulated: the trainer has no %s; it trains %s with %s",
			n.Name, strings.Join(lacks, ", no "), listed(trainedKinds[1:]), listed(trainedActivations))
	}
	if out := n.Layers[len(n.Layers)-1].Out; out != (models.Shape{C: n.Classes, H: 1, W: 1}) {
		return fmt.Errorf("network %s cannot be trained, only simulated: its result of %v is no vector with a value for each of %d classes", n.Name, out, n.Classes)
	}
	return nil
}

func listed[T fmt.Stringer](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.String()
	}
	return strings.Join(words, ", ")
}
