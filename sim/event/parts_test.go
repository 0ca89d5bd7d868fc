package event

import (
	"math"
	"math/big"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/models"
)

// Events come in order of time, and those of one time in the order of scheduling.
func TestQueueOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		type expected struct {
			at  int64
			arg int
		}
		var want []expected
		pop := func() {
			slices.SortStableFunc(want, func(a, b expected) int { return int(a.at - b.at) })
			e := q.pop()
			if e.at != want[0].at || e.arg() != want[0].arg || e.kind() != wakes {
				t.Fatalf("got time %d, arg %d, kind %d; want %+v", e.at, e.arg(), e.kind(), want[0])
			}
			want = want[1:]
		}
		for _, at := range rapid.SliceOf(rapid.Int64Range(-3, 20)).Draw(t, "times, or pops where negative") {
			switch {
			case at >= 0:
				arg := len(want) % (1 << argBits)
				q.push(at, wakes, arg)
				want = append(want, expected{at, arg})
			case len(want) > 0:
				pop()
			}
		}
		for len(want) > 0 {
			pop()
		}
		if len(q.heap) > 0 {
			t.Fatal("events are left")
		}
	})
}

// Ratios are exact, beyond 64 bits too.
func TestRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		num, den := rapid.Uint64Range(1, 1<<40).Draw(t, "num"), rapid.Uint64Range(1, 1<<40).Draw(t, "den")
		n := rapid.Int64Range(0, 1<<30).Draw(t, "n")
		r := newRatio(num, den)
		product := new(big.Int).Mul(big.NewInt(n), new(big.Int).SetUint64(num))
		floor, rest := new(big.Int).DivMod(product, new(big.Int).SetUint64(den), new(big.Int))
		ceil := new(big.Int).Set(floor)
		if rest.Sign() > 0 {
			ceil.Add(ceil, big.NewInt(1))
		}
		if !floor.IsInt64() || !ceil.IsInt64() {
			t.Skip("beyond what times can be")
		}
		if r.floor(n) != floor.Int64() || r.ceil(n) != ceil.Int64() {
			t.Fatalf("%d * %d/%d: floor %d, ceil %d; want %v, %v", n, num, den, r.floor(n), r.ceil(n), floor, ceil)
		}
	})
}

// The oracle serves a run of words one by one, each in the bank behind the one before.
func TestMemoryAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		banks := rapid.IntRange(1, 9).Draw(t, "banks")
		m := newMemory(&accel.Memory{Banks: banks, PortWidth: 64})
		free := make([]int64, banks)
		at, words := int64(0), int64(0)
		for range rapid.IntRange(1, 20).Draw(t, "requests") {
			at += rapid.Int64Range(0, 10).Draw(t, "pause")
			first, n := rapid.IntRange(0, banks-1).Draw(t, "first"), rapid.Int64Range(0, 40).Draw(t, "words")
			done := at
			for i := range n {
				b := (first + int(i)) % banks
				free[b] = max(free[b], at) + 1
				done = max(done, free[b])
			}
			words += n
			if got := m.access(at, first, n); got != done {
				t.Fatalf("%d words from bank %d at %d are done at %d, want %d", n, first, at, got, done)
			}
		}
		for b := range free {
			free[b] = max(free[b], at)
		}
		if m.busy != words || !slices.Equal(m.free, free) {
			t.Fatalf("busy %d, free %v; want %d, %v", m.busy, m.free, words, free)
		}
	})
}

// Bits that fill no word wait for the next request, so that a stream of odd pieces moves as many words
// as one of the whole.
func TestPortKeepsParts(t *testing.T) {
	m := newMemory(&accel.Memory{Banks: 4, PortWidth: 64})
	var p port
	for range 10 {
		p.move(&m, 0, 20)
	}
	if m.busy != 3 || p.bits != 200-3*64 || p.bank != 3 {
		t.Errorf("%d words moved, %d bits left, bank %d; want 3, 8, 3", m.busy, p.bits, p.bank)
	}
}

// 256 bits at 3 GB/s x 0.7 and 700 MHz take 32/3 = 10 2/3 cycles: n bursts back to back end at
// ceil(n*32/3). After a pause the bus starts afresh.
func TestPipe(t *testing.T) {
	p := newPipe(&accel.Accelerator{Clock: 700e6, DRAM: accel.DRAM{Bandwidth: 3e9, Efficiency: 0.7, Latency: 50, Burst: 32}})
	if p.latency != 35 {
		t.Errorf("a latency of 50 ns takes %d cycles, want 35", p.latency)
	}
	for n := int64(1); n < 1000; n++ {
		if got, want := p.issue(p.free), (n*32+2)/3; got != want {
			t.Fatalf("burst %d ends at %d, want %d", n, got, want)
		}
	}
	if got := p.issue(100_000); got != 100_011 {
		t.Errorf("after a pause a burst ends at %d, want 100011", got)
	}
}

func BenchmarkQueue(b *testing.B) {
	var q queue
	r := rand.New(rand.NewSource(1))
	steps := make([]int64, 1024)
	for i := range steps {
		steps[i] = r.Int63n(100)
	}
	for i := range 20 {
		q.push(steps[i], wakes, 0)
	}
	i := 0
	for b.Loop() {
		e := q.pop()
		q.push(e.at+steps[i%len(steps)], wakes, 0)
		i++
	}
}

// With a table of the DRAM's banks, the energy of activations is that of the rows seen to open; no row
// gives more than its size, so these are at least what the analytical model counts for the same traffic.
func TestActivations(t *testing.T) {
	a, err := accel.Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		t.Fatal(err)
	}
	a, err = accel.With(a, map[string]string{"memories[0].capacity": "32 KiB"}) // so that tensors leave
	if err != nil {
		t.Fatal(err)
	}
	e, _, r := play(t, a, n, 8)
	opened := e.device.memory.Stats().Activates
	if got, want := float64(r.Energy.DRAMActivate), float64(opened)*float64(a.DRAM.Activate); opened == 0 || math.Abs(got-want) > 1e-9*want {
		t.Errorf("%v pJ for %d rows, want %v", got, opened, want)
	}
	least := float64(r.DRAM.Total()) * float64(a.DRAM.ActivatePerBit())
	if got := float64(r.Energy.DRAMActivate); got < least {
		t.Errorf("%v pJ, less than the %v of full rows", got, least)
	}
	t.Logf("%d rows, %.2f times as many as are full", opened, float64(r.Energy.DRAMActivate)/least)

	a, err = accel.With(a, map[string]string{"dram.row": "1 KiB"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(a); err == nil || !strings.Contains(err.Error(), "rows of 1 KiB, a row of dram.timing lpddr4_3200_x16 has 2 KiB") {
		t.Errorf("error %v", err)
	}
}
