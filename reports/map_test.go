package reports

import (
	"fmt"
	"strings"
	"testing"

	"dse/accel/unit"
)

// A memory of 16 KiB over twelve steps: weights for good at the bottom, a tensor that lives long, one in
// two pieces, and buffers at the top.
func sampleMap() MapReport {
	const kib = unit.BitsPerKibibyte
	var steps []string
	for i := range 12 {
		steps = append(steps, fmt.Sprintf("block%d.project", i+1))
	}
	m := MemoryMap{
		Name: "sram", Capacity: 16 * kib, Peak: 13 * kib, PeakStep: 4, Scattered: 2 * kib, Cut: 1,
		Blocks: []MapBlock{
			{MapWeights, "pinned weights", "block1.project", 0, 11, 2 * kib, []MapPiece{{0, 2 * kib}}},
			{MapTensor, "tensor", "block1.project", 0, 6, 5 * kib, []MapPiece{{2 * kib, 5 * kib}}},
			{MapTensor, "tensor", "block5.project", 4, 5, 4 * kib, []MapPiece{{7 * kib, 1 * kib}, {10 * kib, 3 * kib}}},
			{MapKept, "kept inputs", "block5.project", 4, 4, 1 * kib, []MapPiece{{9 * kib, 1 * kib}}},
			{MapBuffer, "input buffer", "block5.project", 4, 4, 1 * kib, []MapPiece{{15 * kib, 1 * kib}}},
		},
	}
	return MapReport{Steps: steps, Memories: []MemoryMap{m}}
}

func TestMap(t *testing.T) {
	for _, width := range []int{40, 100} {
		var out strings.Builder
		if err := WriteMap(&out, sampleMap(), Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("map-%d.txt", width), out.String())
		for line := range strings.SplitSeq(out.String(), "\n") {
			if displayWidth(line) > width {
				t.Errorf("line of %d columns at a width of %d: %q", displayWidth(line), width, line)
			}
		}
	}
}

// A picture that is wider than the terminal goes on below, with its steps numbered on.
func TestMapOfManySteps(t *testing.T) {
	r := sampleMap()
	for len(r.Steps) < 50 {
		r.Steps = append(r.Steps, "more")
	}
	r.Memories[0].Blocks[0].Last = 49
	var out strings.Builder
	if err := WriteMap(&out, r, Options{Width: 30}); err != nil {
		t.Fatal(err)
	}
	// 30 columns hold labels of 4, a bar and 24 steps: pictures of 24, 24 and 2.
	if n := strings.Count(out.String(), "16.0 |"); n != 3 {
		t.Errorf("%d pictures, want 3:\n%s", n, out.String())
	}
	if !strings.Contains(out.String(), "KiB  25 ") || !strings.Contains(out.String(), " 1.0 |##\n") {
		t.Errorf("second and third picture:\n%s", out.String())
	}
}
