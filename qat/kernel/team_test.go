package kernel

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestTeamRunsEachPartOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		team := NewTeam(threads)
		defer team.Close()
		if team.Size() != threads {
			t.Fatalf("a team of %d has size %d", threads, team.Size())
		}
		for _, parts := range []int{-1, 0, 1, 2, 7, 100} {
			for range 20 {
				counts := make([]atomic.Int32, max(0, parts))
				team.Run(parts, func(part int) { counts[part].Add(1) })
				for part := range counts {
					if n := counts[part].Load(); n != 1 {
						t.Fatalf("%d threads: part %d of %d ran %d times", threads, part, parts, n)
					}
				}
			}
		}
	}
}

// TestTeamUsesItsThreads has parts that can only end together.
func TestTeamUsesItsThreads(t *testing.T) {
	const threads = 4
	team := NewTeam(threads)
	defer team.Close()
	var arrived atomic.Int32
	team.Run(threads, func(int) {
		arrived.Add(1)
		for arrived.Load() < threads {
			runtime.Gosched()
		}
	})
	if n := arrived.Load(); n != threads {
		t.Errorf("%d parts arrived, want %d", n, threads)
	}
}

func TestTeamPanic(t *testing.T) {
	sentinel := errors.New("broken part")
	for _, threads := range []int{1, 3} {
		team := NewTeam(threads)
		defer team.Close()
		var ran atomic.Int32
		err := func() (err error) {
			defer func() { err = recover().(*PartPanic) }()
			team.Run(10, func(part int) {
				ran.Add(1)
				if part == 4 || part == 7 {
					panic(fmt.Errorf("part %d: %w", part, sentinel))
				}
			})
			return nil
		}()
		var p *PartPanic
		if !errors.As(err, &p) || p.Part != 4 || len(p.Stack) == 0 || !errors.Is(err, sentinel) {
			t.Errorf("%d threads: Run panicked with %v, want the error of part 4", threads, err)
		}
		if n := ran.Load(); n != 10 {
			t.Errorf("%d threads: %d parts ran, want all 10", threads, n)
		}
		ran.Store(0)
		team.Run(3, func(int) { ran.Add(1) })
		if n := ran.Load(); n != 3 {
			t.Errorf("%d threads: after a panic %d parts ran, want 3", threads, n)
		}
	}
}

func TestTeamContract(t *testing.T) {
	mustPanic(t, "no threads", "kernel: NewTeam: a team has at least one thread", func() { NewTeam(0) })
	team := NewTeam(2)
	team.Run(1, func(int) {
		mustPanic(t, "nested run", "kernel: Team.Run: the team is busy or closed", func() { team.Run(1, func(int) {}) })
		mustPanic(t, "close during a run", "kernel: Team.Close: the team is busy", team.Close)
	})
	team.Close()
	team.Close()
	mustPanic(t, "run after close", "kernel: Team.Run: the team is busy or closed", func() { team.Run(1, func(int) {}) })
}

func TestTeamCloseEndsTheWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	team := NewTeam(9)
	team.Run(20, func(int) {})
	team.Close()
	// A goroutine that has signalled its end may take a moment to disappear.
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after Close", before, runtime.NumGoroutine())
}

// TestTeamDeterminism runs a sum over parts with 1 and with 4 threads: same parts, same bits.
func TestTeamDeterminism(t *testing.T) {
	const parts, rows, m, n = 7, 123, 24, 10
	r := rand.New(rand.NewPCG(11, 12))
	x, dy := floats(r, parts*rows*m, 0), floats(r, parts*rows*n, 0)
	gradient := func(threads int) []float32 {
		team := NewTeam(threads)
		defer team.Close()
		partial := make([][]float32, parts)
		scratch := make([]Scratch, parts)
		team.Run(parts, func(p int) {
			partial[p] = make([]float32, m*n)
			Gemm(&scratch[p], m, n, rows, x[p*rows*m:], 1, m, dy[p*rows*n:], n, partial[p], n, false)
		})
		dw := make([]float32, m*n)
		ReduceParts(dw, partial)
		return dw
	}
	one, four := gradient(1), gradient(4)
	for i := range one {
		if one[i] != four[i] {
			t.Fatalf("element %d: %g with one thread, %g with four", i, one[i], four[i])
		}
	}
}

func TestReducePartsKeepsTheOrder(t *testing.T) {
	// In float32 (1e8 + 1) - 1e8 is 0 and (1e8 - 1e8) + 1 is 1.
	forEach(t, func(t *testing.T) {
		for _, n := range []int{1, 7, 8, 9, 33} {
			constant := func(v float32) []float32 {
				s := make([]float32, n)
				for i := range s {
					s[i] = v
				}
				return s
			}
			dst, guard := guarded(constant(0.5))
			ReduceParts(dst, [][]float32{constant(1e8), constant(1), constant(-1e8)})
			for i, v := range dst {
				if v != 0 {
					t.Errorf("n = %d: element %d is %g, want 0", n, i, v)
				}
			}
			ReduceParts(dst, [][]float32{constant(1e8), constant(-1e8), constant(1)})
			for i, v := range dst {
				if v != 1 {
					t.Errorf("n = %d: element %d is %g, want 1", n, i, v)
				}
			}
			if err := guard(); err != nil {
				t.Error(err)
			}
		}
	})
	mustPanic(t, "lengths", "kernel: Add: lengths differ", func() { Add(make([]float32, 2), make([]float32, 3)) })
}

func BenchmarkTeam(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads%d", threads), func(b *testing.B) {
			team := NewTeam(threads)
			defer team.Close()
			f := func(int) {}
			b.ReportAllocs()
			for b.Loop() {
				team.Run(2*threads, f)
			}
		})
	}
}
