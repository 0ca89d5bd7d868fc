package dram

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// list yields given requests.
type list []Request

// Fill implements Source.
func (l *list) Fill(buf []Request) int {
	n := copy(buf, *l)
	*l = (*l)[n:]
	return n
}

// TestByHand plays few requests and compares with instants worked out by hand. A request that is
// accepted at t is sorted at t; the first command for it can be sent at t+1.
func TestByHand(t *testing.T) {
	const row = 8 * 2048 // next row of the same bank on lpddr4_3200_x16
	read := func(addrs ...uint64) (l list) {
		for _, a := range addrs {
			l = append(l, Request{Addr: a})
		}
		return l
	}
	write := func(addrs ...uint64) (l list) {
		for _, a := range addrs {
			l = append(l, Request{Addr: a, Write: true})
		}
		return l
	}
	for _, c := range []struct {
		name     string
		device   string
		requests list
		pace     Pace
		clocks   Clocks
		latency  Clocks // sum over reads
	}{
		// ACT at 1, RD at 30, data from 58 to 66.
		{"one read", "lpddr4_3200_x16", read(0), Pace{}, 66, 66},
		// WR at 30, data from 44 to 52.
		{"one write", "lpddr4_3200_x16", write(0), Pace{}, 52, 0},
		// RD at 30 and 38. The second is accepted at 1.
		{"a row hit", "lpddr4_3200_x16", read(0, 32), Pace{}, 74, 66 + 73},
		// ACT at 1 and, nRRD later, at 17; RD at 30 and 46.
		{"two banks", "lpddr4_3200_x16", read(0, 2048), Pace{}, 82, 66 + 81},
		// PRE at 69 (nRAS after ACT at 1), ACT at 98, RD at 127.
		{"a row conflict", "lpddr4_3200_x16", read(0, row), Pace{}, 163, 66 + 162},
		// The hit overtakes the conflict: RD at 30 and 38; PRE at 69.
		{"a hit overtakes", "lpddr4_3200_x16", read(0, row, 32), Pace{}, 163, 66 + 162 + 72},
		// RD of the hits every 8 clocks up to 62, PRE at 62 + nRTP = 74, ACT at 103, RD at 132.
		{"hits in a row overtake", "lpddr4_3200_x16", read(0, row, 32, 64, 96, 128), Pace{}, 168, 66 + 167 + 72 + 79 + 86 + 93},
		// The hit is accepted at 68 and can go at 69, when the row could be closed as well. It goes, and
		// PRE follows at 81, ACT at 110, RD at 139.
		{"a hit keeps the row open", "lpddr4_3200_x16", read(0, row, 32), Pace{RequestClocks: 34, Per: 1}, 175, 66 + 141 + 37},
		// The second read is offered when the data of the first has come, at 67; RD at 68.
		{"one in flight", "lpddr4_3200_x16", read(0, 32), Pace{Outstanding: 1}, 104, 66 + 37},
		{"at a tenth of the peak", "lpddr4_3200_x16", read(0, 32), Pace{RequestClocks: 80, Per: 1}, 117, 66 + 37},
		// Each channel does one read; the second is accepted one clock later.
		{"two channels", "lpddr4_3200_2x16", read(0, 32), Pace{}, 67, 66 + 66},
		{"two channels, two per clock", "lpddr4_3200_2x16", read(0, 32), Pace{PerClock: 2}, 66, 66 + 66},
		// The read has the data of the write one clock after it is accepted, at 2. The write is kept back
		// until the drain at 1: ACT at 2, WR at 31.
		{"forwarded", "lpddr4_3200_x16", list{{Addr: 0, Write: true}, {Addr: 0}}, Pace{}, 53, 1},
		{"reads of one burst", "lpddr4_3200_x16", read(0, 8), Pace{}, 66, 66 + 65},
		{"writes of one burst", "lpddr4_3200_x16", write(0, 0), Pace{}, 53, 0},
		// The write may not pass the read, which is sent at 30; WR at 30 + 23, 22 clocks to the end.
		{"a write after a read of the burst", "lpddr4_3200_x16", list{{Addr: 0}, {Addr: 0, Write: true}}, Pace{}, 75, 66},
		// ACT of one bank each at 1, 9, 17, 25, and, nFAW after the first, at 41; RD 15 later.
		{"five banks", "lpddr3_1600_x32", read(0, 4096, 2*4096, 3*4096, 4*4096), Pace{}, 41 + 15 + 16, 32 + 39 + 46 + 53 + 68},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := device(t, c.device)
			m := New(&d, Hooks{})
			s := m.Play(&c.requests, c.pace)
			if s.Clocks != c.clocks || s.LatencySum != c.latency {
				t.Errorf("%d clocks, latencies %d, want %d and %d", s.Clocks, s.LatencySum, c.clocks, c.latency)
			}
			if m.Now() != c.clocks {
				t.Errorf("now is %d, want %d", m.Now(), c.clocks)
			}
		})
	}
}

// TestHitLimit: as "a hit keeps the row open", but with a limit of one the row is closed at 69, ACT at
// 98, RD at 127; for the last request PRE at 166 (nRAS), ACT at 195, RD at 224.
func TestHitLimit(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	d.Policy.HitLimit = 1
	s := New(&d, Hooks{}).Play(&list{{Addr: 0}, {Addr: 8 * 2048}, {Addr: 32}}, Pace{RequestClocks: 34, Per: 1})
	if want := Clocks(224 + 28 + 8); s.Clocks != want {
		t.Errorf("%d clocks, want %d", s.Clocks, want)
	}
}

// TestSequentialPeak: a sequential stream keeps the bus busy but for its first access, 1 + nRCD +
// nRL clocks, as long as no refresh is due.
func TestSequentialPeak(t *testing.T) {
	for _, c := range []struct {
		device string
		first  Clocks
	}{
		{"lpddr4_3200_x16", 1 + 29 + 28},
		{"lpddr3_1600_x32", 1 + 15 + 12},
		{"ddr3_1600_x32", 1 + 11 + 11},
	} {
		d := device(t, c.device)
		const bursts = 128
		load := Load{Streams: []Stream{{RowBytes: bursts * uint64(d.BurstBytes()), Rows: 1}}, Outstanding: 32}
		s := New(&d, Hooks{}).Play(load.Source(&d), load.Pace(&d))
		if want := c.first + bursts*d.Timing[NBL]; s.Clocks != want {
			t.Errorf("%s: %d clocks, want %d", c.device, s.Clocks, want)
		}
	}
}

func TestRefreshWhenIdle(t *testing.T) {
	d := device(t, "ddr4_2400_x64_2r_bghi") // two ranks, refreshed in turns every 4680 clocks
	m := New(&d, Hooks{})
	for _, c := range []struct {
		now  Clocks
		want int64
	}{{4680, 0}, {4681, 1}, {9361, 2}, {93600, 19}, {93601, 20}} {
		m.Advance(c.now) // what happens at now is still to come
		if got := m.Stats().Refreshes; got != c.want {
			t.Errorf("%d refreshes before %d, want %d", got, c.now, c.want)
		}
	}
}

func TestQueuesFill(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	m := New(&d, Hooks{})
	for i := range 32 {
		if !m.Offer(Request{Addr: uint64(i) * 32}) || !m.Offer(Request{Addr: 1<<20 + uint64(i)*32, Write: true}) {
			t.Fatalf("request %d of 32 refused", i)
		}
	}
	if m.Offer(Request{Addr: 1 << 16}) || m.Offer(Request{Addr: 1 << 16, Write: true}) {
		t.Error("a full queue accepted a request")
	}
	if m.InFlight() != 32 {
		t.Errorf("%d reads in flight, want 32", m.InFlight())
	}
	m.Drain()
	if s := m.Stats(); s.Reads != 32 || s.Writes != 32 {
		t.Errorf("%d reads and %d writes, want 32 each", s.Reads, s.Writes)
	}
}

// TestWriteWaitsForRead: a batch of writes goes before the reads that are not yet sorted, but a write
// does not pass a read of its own burst. Sixteen reads of as many rows of a bank fill the bank's
// queue and half the read queue; then the buffer fills with writes, the first of them of the last
// read's burst.
func TestWriteWaitsForRead(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	const row, last = 8 * 2048, 15
	var order []uint32
	m := New(&d, Hooks{Finished: func(tag uint32, _ bool, _ Clocks) { order = append(order, tag) }})
	var requests list
	for i := range uint64(last + 1) {
		requests = append(requests, Request{Addr: i * row, Tag: uint32(i)})
	}
	for i := range uint64(32) {
		requests = append(requests, Request{Addr: (last + i) * row, Write: true, Tag: uint32(100 + i)})
	}
	m.Play(&requests, Pace{})
	if len(order) != 48 {
		t.Fatalf("%d requests finished, want 48", len(order))
	}
	if read, write := slices.Index(order, last), slices.Index(order, 100); read > write {
		t.Errorf("the write finished as number %d, before the read of its burst, number %d", write, read)
	}
}

// TestWritesKeptBack: up to eight writes stay in the buffer until a drain; the ninth makes all nine
// go.
func TestWritesKeptBack(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	for _, c := range []struct{ offered, settled int64 }{{8, 0}, {9, 9}} {
		m := New(&d, Hooks{})
		for i := range c.offered {
			m.Offer(Request{Addr: uint64(i) * 32, Write: true})
		}
		m.Settle()
		if got := m.Stats().Writes; got != c.settled {
			t.Errorf("%d of %d writes done after Settle, want %d", got, c.offered, c.settled)
		}
		m.Drain()
		if got := m.Stats().Writes; got != c.offered {
			t.Errorf("%d of %d writes done after Drain", got, c.offered)
		}
	}
}

// TestEnergy prices one read by hand: one activate, one read, the row open from clock 1 to 66.
func TestEnergy(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	m := New(&d, Hooks{})
	s := m.Play(&list{{}}, Pace{})
	of := d.Energy()
	e := s.Energy(of)
	if want := of.Activate + of.Read + 65*of.ActiveClock + of.IdleClock; e.Total() != want {
		t.Errorf("%v, want %v", e.Total(), want)
	}
}

func TestContractBreaches(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	bad := d
	bad.Rows = 3
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"New", func() { New(&bad, Hooks{}) }, "dram: New of a device that fails Check"},
		{"NewEstimator", func() { NewEstimator(&bad) }, "dram: NewEstimator of a device that fails Check"},
		{"Advance", func() { m := New(&d, Hooks{}); m.Advance(5); m.Advance(4) }, "dram: Advance to an instant that has passed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			c.do()
		})
	}
}

// TestReset: a memory that is reset works like a new one, wherever it stood.
func TestReset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDevice(t)
		before, after := drawLoad(t, 200), drawLoad(t, 200)
		m := New(&d, Hooks{})
		m.offerAll(before.Source(&d), before.Pace(&d)) // leaves requests and open rows
		m.Reset()
		got := m.Play(after.Source(&d), after.Pace(&d))
		if want := New(&d, Hooks{}).Play(after.Source(&d), after.Pace(&d)); got != want {
			t.Fatalf("after Reset %+v\nnew %+v", got, want)
		}
	})
}

// TestOfferAndAdvance: a requester of its own, that offers one request per clock and advances clock
// by clock, sees what Play sees.
func TestOfferAndAdvance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDevice(t)
		l := drawLoad(t, 200)
		l.RatePercent, l.CountWrites, l.PerChannel = 0, false, false
		want := New(&d, Hooks{}).Play(l.Source(&d), l.Pace(&d))

		m := New(&d, Hooks{})
		for i, r := range record(l.Source(&d)).all {
			if i > 0 {
				m.Advance(m.Now() + 1)
			}
			for !r.Write && l.Outstanding > 0 && m.InFlight() >= l.Outstanding || !m.Offer(r) {
				m.Advance(m.Now() + 1)
			}
		}
		m.Drain()
		if got := m.Stats(); got != want {
			t.Fatalf("clock by clock %+v, Play %+v", got, want)
		}
	})
}

// TestBounds: no load is faster than its data bus and its pace allow, and none slower than one
// request after another, each with a row to close and open and the bus to turn around.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDevice(t)
		l := drawLoad(t, 2000)
		s := New(&d, Hooks{}).Play(l.Source(&d), l.Pace(&d))
		n := &d.Timing
		bursts := Clocks(s.Reads + s.Writes)
		if least := (bursts + Clocks(d.Channels) - 1) / Clocks(d.Channels) * n[NBL]; s.Clocks < least {
			t.Fatalf("%d clocks for %d bursts, the bus needs %d", s.Clocks, bursts, least)
		}
		if due := l.Pace(&d).due(s.Requests - 1); s.Clocks < due {
			t.Fatalf("%d clocks, the last request was due at %d", s.Clocks, due)
		}
		longest := n[NRAS] + n[NRP] + n[NFAW] + n[NRCD] + n[NRL] + n[NWL] + 2*n[NBL] + n[NWR] + n[NWTRL] + n[NRTRS] + n[NRTP] + n[NPPD] + n[NRRDL] + n[NCCDL] + 4
		most := l.Pace(&d).due(s.Requests-1) + Clocks(s.Requests)*longest
		// Refreshes, and what they take with them.
		most += (most/n[NREFI] + 2) * 2 * Clocks(d.Ranks) * (n[NRFC] + longest + Clocks(d.Banks())*max(1, n[NPPD]))
		if s.Clocks > most {
			t.Fatalf("%d clocks, one after another would take at most %d", s.Clocks, most)
		}
	})
}

// TestMoreIsNeverSlower: for one sequential stream, whose order of service leaves no room for the
// anomalies that list scheduling has in general, more data never takes less time, and more
// channels, more requests in flight or a higher rate never take more.
func TestMoreIsNeverSlower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := device(t, rapid.SampledFrom([]string{"lpddr4_3200_x16", "lpddr3_1600_x32", "ddr4_2400_x16_bghi", "ddr4_2400_x16_bglo"}).Draw(t, "device"))
		base := Load{
			Streams:     []Stream{{RowBytes: rapid.Uint64Range(1, 20000).Draw(t, "bytes"), Rows: 1}},
			Outstanding: rapid.IntRange(1, 32).Draw(t, "outstanding"),
			RatePercent: rapid.IntRange(1, 100).Draw(t, "rate"),
		}
		clocks := func(d Device, change func(*Load)) Clocks {
			l := base
			l.Streams = append([]Stream(nil), base.Streams...)
			change(&l)
			return New(&d, Hooks{}).Play(l.Source(&d), l.Pace(&d)).Clocks
		}
		as := clocks(d, func(*Load) {})
		more := rapid.Uint64Range(1, 4000).Draw(t, "more bytes")
		if longer := clocks(d, func(l *Load) { l.Streams[0].RowBytes += more }); longer < as {
			t.Errorf("%d clocks with %d bytes more, %d as it was", longer, more, as)
		}
		if wider := clocks(d, func(l *Load) { l.Outstanding += rapid.IntRange(1, 16).Draw(t, "more in flight") }); wider > as {
			t.Errorf("%d clocks with more reads in flight, %d as it was", wider, as)
		}
		if faster := clocks(d, func(l *Load) { l.RatePercent = 0 }); faster > as {
			t.Errorf("%d clocks without a limit of the rate, %d with it", faster, as)
		}
		two := d
		two.Channels, two.Mapping = 2, "rorababgcoch"
		one := d
		one.Mapping = "rorababgcoch"
		free := func(l *Load) { l.RatePercent, l.Outstanding = 0, 32 } // few in flight are better off in one row
		if a, b := clocks(two, free), clocks(one, free); a > b {
			t.Errorf("%d clocks on two channels, %d on one", a, b)
		}
	})
}

// TestNoAllocations: a memory that has been used once plays without touching the heap.
func TestNoAllocations(t *testing.T) {
	d := device(t, "lpddr4_3200_2x16")
	load := Load{Streams: []Stream{
		{RowBytes: 1 << 15, Rows: 1, ChunkBytes: 256}, {Base: 1 << 20, RowBytes: 100, Stride: 90, Rows: 300, ChunkBytes: 256},
		{Write: true, Base: 1 << 21, RowBytes: 1 << 14, Rows: 1, ChunkBytes: 256},
	}, Outstanding: 32}
	src := record(load.Source(&d))
	m := New(&d, Hooks{})
	play := func() {
		m.Reset()
		src.at = 0
		m.Play(src, load.Pace(&d))
	}
	play()
	if n := testing.AllocsPerRun(10, play); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
	e := NewEstimator(&d)
	e.Estimate(&load)
	if n := testing.AllocsPerRun(10, func() { e.Estimate(&load) }); n != 0 {
		t.Errorf("%v allocations per estimate", n)
	}
}
