package dram

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestIntake drives an intake and a plain slice with the same operations.
func TestIntake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 12).Draw(t, "limit")
		q := intake{fifo: newFIFO(limit)}
		var model []pending
		for i := range rapid.IntRange(1, 100).Draw(t, "steps") {
			if q.full() != (len(model) == limit) {
				t.Fatalf("full: %v with %d of %d", q.full(), len(model), limit)
			}
			if !q.full() && rapid.Bool().Draw(t, "push") {
				p := pending{burst: uint64(i), bank: uint8(rapid.IntRange(0, 7).Draw(t, "bank"))}
				q.push(&p)
				model = append(model, p)
				continue
			}
			banks := rapid.Uint64Range(0, 255).Draw(t, "banks")
			want := slices.IndexFunc(model, func(p pending) bool { return banks>>p.bank&1 != 0 })
			got := q.firstFor(banks)
			if got != want {
				t.Fatalf("first for %b is %d, want %d", banks, got, want)
			}
			if got >= 0 {
				q.remove(got)
				model = slices.Delete(model, got, got+1)
			}
			if !slices.Equal(q.entries(), model) {
				t.Fatalf("entries %v, want %v", q.entries(), model)
			}
		}
	})
}

// TestBankMasks checks that the masks of a bank say about its queue what the entries say.
func TestBankMasks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, maxQueue).Draw(t, "limit")
		b := bank{queue: newFIFO(limit)}
		b.clear()
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				if !b.queue.full() {
					b.push(&pending{row: int32(rapid.IntRange(0, 2).Draw(t, "row")), write: rapid.Bool().Draw(t, "write")})
				}
			case 2:
				if b.queue.n > 0 {
					b.take(rapid.IntRange(0, b.queue.n-1).Draw(t, "entry"))
				}
			default:
				if b.row == closed {
					b.open(int32(rapid.IntRange(0, 2).Draw(t, "open")))
				} else {
					b.shut()
				}
			}
			var hitting, writing uint64
			for i, p := range b.queue.entries() {
				if p.row == b.row {
					hitting |= 1 << i
				}
				if p.write {
					writing |= 1 << i
				}
			}
			if b.hitting != hitting || b.writing != writing {
				t.Fatalf("masks %b and %b, want %b and %b", b.hitting, b.writing, hitting, writing)
			}
		}
	})
}

// TestTimeline drives a timeline and a sorted slice with the same operations.
func TestTimeline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l timeline
		var model []Clocks
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			at := Clocks(rapid.IntRange(0, 50).Draw(t, "at"))
			if rapid.IntRange(0, 3).Draw(t, "pass") > 0 {
				l.push(at)
				model = append(model, at)
				slices.Sort(model)
			} else {
				i, _ := slices.BinarySearch(model, at)
				if got := l.pass(at); got != i {
					t.Fatalf("%d instants before %d, want %d", got, at, i)
				}
				model = slices.Delete(model, 0, i)
			}
			want := never
			if len(model) > 0 {
				want = model[0]
			}
			if got := l.next(); got != want {
				t.Fatalf("next %d, want %d", got, want)
			}
		}
	})
}

// TestEarliest drives a heap and a sorted slice with the same operations.
func TestEarliest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h earliest
		h.reset(rapid.IntRange(1, 40).Draw(t, "limit"))
		var model []Clocks
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if !h.full() && rapid.Bool().Draw(t, "push") {
				at := Clocks(rapid.IntRange(0, 30).Draw(t, "at"))
				h.push(at)
				model = append(model, at)
				slices.Sort(model)
			} else if len(model) > 0 {
				if got := h.pop(); got != model[0] {
					t.Fatalf("popped %d, want %d", got, model[0])
				}
				model = model[1:]
			}
		}
	})
}

// TestStreamBursts compares the closed form of the number of bursts with the requests themselves.
func TestStreamBursts(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	rapid.Check(t, func(t *rapid.T) {
		s := Stream{
			Base:     rapid.Uint64Range(0, 1000).Draw(t, "base"),
			RowBytes: rapid.Uint64Range(0, 300).Draw(t, "row"),
			Stride:   rapid.Uint64Range(0, 5000).Draw(t, "stride"),
			Rows:     rapid.IntRange(0, 200).Draw(t, "rows"),
		}
		var buf [16]Request
		want := uint64(0)
		src := NewInterleave(&d, s)
		for n := src.Fill(buf[:]); n > 0; n = src.Fill(buf[:]) {
			want += uint64(n)
		}
		if got := s.bursts(5); got != want {
			t.Fatalf("%d bursts, want %d", got, want)
		}
	})
}

func TestInterleave(t *testing.T) {
	d := device(t, "lpddr4_3200_x16") // bursts of 32 bytes
	for _, c := range []struct {
		name    string
		streams []Stream
		want    []uint64 // addresses, in the order of the requests
	}{
		{"rows are rounded to bursts", []Stream{{Base: 40, RowBytes: 40, Stride: 100, Rows: 2}}, []uint64{32, 64, 128, 160}},
		{"a burst that rows share is asked for twice", []Stream{{Base: 0, RowBytes: 48, Stride: 48, Rows: 2}}, []uint64{0, 32, 32, 64}},
		{"round robin, the rest alone", []Stream{
			{Base: 0, RowBytes: 64, Rows: 1, ChunkBytes: 32},
			{Base: 4096, RowBytes: 160, Rows: 1, ChunkBytes: 64},
		}, []uint64{0, 4096, 4128, 32, 4160, 4192, 4224}},
		{"a chunk is at least one burst", []Stream{{RowBytes: 64, Rows: 1}, {Base: 4096, RowBytes: 32, Rows: 1, ChunkBytes: 1}}, []uint64{0, 4096, 32}},
		{"streams without bytes or rows", []Stream{{Rows: 4}, {RowBytes: 32, Rows: 1}, {RowBytes: 32}}, []uint64{0}},
		{"no streams", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var buf [3]Request
			var got []uint64
			src := NewInterleave(&d, c.streams...)
			for n := src.Fill(buf[:]); n > 0; n = src.Fill(buf[:]) {
				for _, r := range buf[:n] {
					got = append(got, r.Addr)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("addresses %v, want %v", got, c.want)
			}
		})
	}
}
