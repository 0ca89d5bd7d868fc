package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// dse bench train writes what it measured; nothing about the size of the figures is asserted but that
// they belong together.
func TestBenchTrain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "speed.json")
	code, _, errText := call(t, "bench", "train", "--model", "mobilenetv2-micro:8", "--threads", "1", "--time", "300ms", "--json", file)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, errText)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got trainBench
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Steps) != 2 || got.Steps[0].Mode != "float" || got.Steps[1].Mode != "quantized" {
		t.Fatalf("steps: %+v", got.Steps)
	}
	for _, s := range got.Steps {
		if product := s.ImagesPS * s.StepMS / 1000; product < 7.99 || product > 8.01 {
			t.Errorf("%s: %v images/s and %v ms do not make a batch of 8", s.Mode, s.ImagesPS, s.StepMS)
		}
		// The graph machine's own bookkeeping; an activation tensor alone would be 400 kB.
		if s.StepAlloc > 200_000 {
			t.Errorf("%s: a step allocates %v bytes", s.Mode, s.StepAlloc)
		}
	}
	if len(got.Gemm) != len(gemmSizes) || got.PeakMB <= 0 {
		t.Errorf("products %+v, peak memory %v MB", got.Gemm, got.PeakMB)
	}
	for _, bad := range [][]string{{"--model", "mobilenetv2-micro"}, {"--model", "x:8"}, {"--model", "mobilenetv2-micro:0"}, {"--mode", "fast"}, {"--threads", "0"}} {
		if code, _, errText := call(t, append([]string{"bench", "train"}, bad...)...); code != exitUsage {
			t.Errorf("%v: exit code %d, want %d: %s", bad, code, exitUsage, errText)
		}
	}
}
