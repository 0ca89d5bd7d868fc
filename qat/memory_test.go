package qat

import (
	"context"
	"runtime"
	"testing"
)

// heapBytes is the memory in use after a collection.
func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// Memory stays flat over 2,000 training steps of a quantized network with learned widths: what a step
// allocates (the graph machine's bookkeeping) is free again behind it.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("2,000 steps; left out by -short")
	}
	n := tiny(t)
	run := tinyRun(NewModel(n, n.PerTensor(), DefaultQuantization(), 1),
		Phase{Name: "mixed", Epochs: 101, Rate: 1e-4, Quantize: true, WeightBits: 6, ActivationBits: 6, Learn: true, QuantizerRate: 1e-4, Relative: true})
	var early, late uint64
	run.Progress = func(p Progress) {
		switch p.Step {
		case 20:
			early = heapBytes()
		case 2020:
			late = heapBytes()
		}
	}
	if _, err := Train(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	const slack = 64 << 10
	if late == 0 || late > early+slack {
		t.Errorf("the heap grew from %d to %d kB over 2,000 steps", early>>10, late>>10)
	}
}
