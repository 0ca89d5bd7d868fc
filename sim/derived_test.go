package sim

import (
	"strings"
	"testing"

	"dse/accel"
)

// derived returns the preset edge-npu with the energies of its memory left to be derived.
func derived(t *testing.T, capacity string) *accel.Accelerator {
	t.Helper()
	a, err := accel.Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	a, err = accel.With(a, map[string]string{"memories[0].capacity": capacity, "memories[0].read": "", "memories[0].write": "", "technology.leakage": ""})
	if err != nil {
		t.Fatal(err)
	}
	if how := a.Derived["memories[0].read"]; !strings.Contains(how, capacity) {
		t.Fatalf("read energy derived from %q, want %s in it", how, capacity)
	}
	return a
}

// More capacity never makes a network dearer at the same energies per access and the same leakage. Where these follow
// from the capacity it can: a network that fits already only pays more for each access and for
// leakage. It is never slower for it.
func TestCapacityAtDerivedEnergies(t *testing.T) {
	n := micro(t)
	p := n.Uniform(n.PerTensor(), 8, 8)
	small, large := derived(t, "256 KiB"), derived(t, "1 MiB")
	r := mustRun(t, mustNew(t, small, n), p)
	s := mustRun(t, mustNew(t, large, n), p)
	if s.Cycles > r.Cycles {
		t.Errorf("%v cycles become %v", r.Cycles, s.Cycles)
	}
	if s.Energy.OnChip() <= r.Energy.OnChip() || s.Energy.Leakage <= r.Energy.Leakage {
		t.Errorf("on-chip memory %v pJ becomes %v, leakage %v pJ becomes %v; both should rise", r.Energy.OnChip(), s.Energy.OnChip(), r.Energy.Leakage, s.Energy.Leakage)
	}
	if s.Energy.Total() <= r.Energy.Total() {
		t.Errorf("%v pJ become %v: this network fits, and should be dearer", r.Energy.Total(), s.Energy.Total())
	}
	large.Memories[0].Read, large.Memories[0].Write = small.Memories[0].Read, small.Memories[0].Write
	large.Technology.Leakage = small.Technology.Leakage
	if u := mustRun(t, mustNew(t, large, n), p); u.Energy.Total() > r.Energy.Total()*(1+1e-9) || u.Cycles > r.Cycles {
		t.Errorf("at the same energies per access %v pJ become %v", r.Energy.Total(), u.Energy.Total())
	}
}
