package qat

import (
	"fmt"
	"slices"
	"strings"

	"dse/qat/optim"
)

// Optimizers are the names that Settings.Optimizer takes: RMSprop in the paper's form and in PyTorch's,
// SGD with momentum, the same in Nesterov's form, Adam, and AdamW, which decays weights on its own.
var Optimizers = []string{"rmsprop", "torch-rmsprop", "sgd", "nesterov", "adam", "adamw"}

// Check returns an error that names the first setting that makes no sense.
func (s Settings) Check() error {
	switch {
	case s.Optimizer != "" && !slices.Contains(Optimizers, s.Optimizer):
		return fmt.Errorf("unknown optimizer %q: want %s", s.Optimizer, strings.Join(Optimizers, ", "))
	case s.Smoothing < 0 || s.Smoothing > 1:
		return fmt.Errorf("label smoothing is a share from 0 to 1, got %v", s.Smoothing)
	case s.WeightDecay < 0 || s.Eps < 0:
		return fmt.Errorf("weight decay and eps must not be negative, got %v and %v", s.WeightDecay, s.Eps)
	case s.Decay < 0 || s.Decay >= 1 || s.Momentum < 0 || s.Momentum >= 1:
		return fmt.Errorf("decay and momentum are from 0 to below 1, got %v and %v", s.Decay, s.Momentum)
	}
	return nil
}

// solver returns a fresh optimiser with the given weight decay.
func (s Settings) solver(weightDecay float64) optim.Solver {
	switch s.Optimizer {
	case "torch-rmsprop":
		return &optim.TorchRMSprop{Decay: s.Decay, Momentum: s.Momentum, Eps: s.Eps, WeightDecay: weightDecay}
	case "sgd", "nesterov":
		return &optim.SGD{Momentum: s.Momentum, Nesterov: s.Optimizer == "nesterov", WeightDecay: weightDecay}
	case "adam":
		a := optim.NewAdam()
		a.WeightDecay = weightDecay
		return a
	case "adamw":
		return optim.NewAdamW(weightDecay)
	}
	return &optim.RMSprop{Decay: s.Decay, Momentum: s.Momentum, Eps: s.Eps, WeightDecay: weightDecay}
}
