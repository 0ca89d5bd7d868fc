package qat

import (
	"testing"

	"dse/qat/kernel"
)

// Programs that are closed leave nothing behind.
func TestProgramsAreFreed(t *testing.T) {
	m := NewModel(tiny(t), tiny(t).PerTensor(), DefaultQuantization(), 1)
	team := kernel.NewTeam(1)
	defer team.Close()
	once := func() {
		p, err := newProgram(m, 64, 0.1, true, team)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.run(); err != nil {
			t.Fatal(err)
		}
		if err := p.close(); err != nil {
			t.Fatal(err)
		}
	}
	once()
	before := heapBytes()
	for range 10 {
		once()
	}
	if after := heapBytes(); after > before+before/2 {
		t.Errorf("the heap grew from %d to %d kB over ten programs", before>>10, after>>10)
	}
}
