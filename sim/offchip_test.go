package sim

import (
	"strings"
	"testing"
)

// A tensor that the DRAM cannot hold is refused, with both sizes.
func TestDRAMCapacity(t *testing.T) {
	a := edge()
	a.DRAM.Capacity = 1 << 9
	n := micro(t)
	_, err := New(a, n)
	// At 1 bit everywhere, the stem's 16 maps of 28x28 are the first tensor above 512 bytes.
	if want := "layer stem: its results take 1568 bytes, the DRAM of edge has 512 B"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	a.DRAM.Capacity = 1 << 12
	s := mustNew(t, a, n)
	if _, err := s.Run(n.Uniform(n.PerTensor(), 8, 8)); err == nil || !strings.Contains(err.Error(), "4 KiB") {
		t.Errorf("error %v at 8 bits", err)
	}
}
