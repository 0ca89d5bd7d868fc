package dram

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// logged is a command that a memory has sent.
type logged struct {
	c    Command
	bank int
	row  int32
	at   Clocks
}

// TestReadsAndWritesOfABurstKeepTheirOrder: whatever overtakes what, the commands for one burst are
// sent in the order of its requests.
func TestReadsAndWritesOfABurstKeepTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDevice(t)
		d.Policy.WriteBuffer = rapid.IntRange(1, 4).Draw(t, "small buffer")
		var order []uint32
		m := New(&d, Hooks{Finished: func(tag uint32, _ bool, _ Clocks) { order = append(order, tag) }})
		bursts := rapid.SliceOfN(rapid.Uint64Range(0, 3), 1, 150).Draw(t, "bursts")
		var all list
		for i, b := range bursts {
			// All in one bank: rows apart on every device of the catalogue.
			all = append(all, Request{Addr: b << 20, Write: rapid.Bool().Draw(t, "write"), Tag: uint32(i)})
		}
		requests := slices.Clone(all)
		m.Play(&all, Pace{})
		at := make([]int, len(requests))
		for i, tag := range order {
			at[tag] = i
		}
		lastRead := map[uint64]int{}
		for i, r := range requests {
			if !r.Write {
				lastRead[r.Addr] = i
			} else if read, ok := lastRead[r.Addr]; ok && at[read] > at[i] {
				t.Fatalf("write %d of burst %d finished before read %d of it", i, r.Addr, read)
			}
		}
	})
}

// watch returns a memory that logs the commands of each channel and how often each tag finishes.
func watch(d *Device) (m *Memory, log [][]logged, finished map[uint32]int) {
	log = make([][]logged, d.Channels)
	finished = map[uint32]int{}
	m = New(d, Hooks{
		Finished: func(tag uint32, _ bool, _ Clocks) { finished[tag]++ },
		Command: func(channel int, c Command, bank int, row int32, at Clocks) {
			log[channel] = append(log[channel], logged{c, bank, row, at})
		},
	})
	return m, log, finished
}

// oracle checks the log of one channel against the datasheet once more, by comparing all pairs of
// commands that are near each other. It shares no code with the rules and their enforcement.
func oracle(d *Device, log []logged) error {
	n := &d.Timing
	rank := func(bank int) int { return bank / d.Banks() }
	group := func(bank int) int { return bank / d.BanksPerGroup }
	rows := make([]int32, d.Ranks*d.Banks())
	for i := range rows {
		rows[i] = closed
	}
	isColumn := func(c Command) bool { return c == RD || c == WR }
	dataAt := func(l logged) Clocks {
		if l.c == RD {
			return l.at + n[NRL]
		}
		return l.at + n[NWL]
	}
	refreshes := make([]int, d.Ranks)
	for j, b := range log {
		switch {
		case b.c == ACT && rows[b.bank] != closed:
			return fmt.Errorf("%+v opens a row while another is open", b)
		case b.c == ACT:
			rows[b.bank] = b.row
		case b.c == PRE:
			rows[b.bank] = closed
		case isColumn(b.c) && rows[b.bank] != b.row:
			return fmt.Errorf("%+v meets the open row %d", b, rows[b.bank])
		case b.c == REF:
			r := rank(b.bank)
			for k := range d.Banks() {
				if rows[r*d.Banks()+k] != closed {
					return fmt.Errorf("%+v with a row open", b)
				}
			}
			// The k-th refresh of a rank is due after k intervals, less the turns of later ranks.
			refreshes[r]++
			due := Clocks(refreshes[r]-1)*n[NREFI] + Clocks(r+1)*(n[NREFI]/Clocks(d.Ranks))
			late := n[NWL] + n[NBL] + n[NWR] + n[NRAS] + n[NRP] + Clocks(d.Banks())*max(1, n[NPPD]) + n[NRCD]
			if b.at < due || b.at > due+late {
				return fmt.Errorf("%+v, refresh %d of rank %d, is not within %d clocks after it is due at %d", b, refreshes[r], r, late, due)
			}
		}
		activates := 1
		for i := j - 1; i >= 0 && b.at-log[i].at <= 1000; i-- {
			a := log[i]
			gap := b.at - a.at
			need := func(clocks Clocks, why string) error {
				if gap < clocks {
					return fmt.Errorf("%s: %+v follows %+v after %d clocks, not %d", why, b, a, gap, clocks)
				}
				return nil
			}
			sameRank, sameGroup, sameBank := rank(a.bank) == rank(b.bank), group(a.bank) == group(b.bank), a.bank == b.bank
			err := need(1, "command bus")
			if err == nil && isColumn(a.c) && isColumn(b.c) {
				from, to := dataAt(a), dataAt(b)
				free := from + n[NBL]
				if a.c != b.c && a.c == RD || !sameRank && b.c == RD {
					free += n[NRTRS]
				}
				if to < free && to+n[NBL] > from {
					err = fmt.Errorf("data bus: %+v collides with %+v", b, a)
				}
			}
			switch {
			case err != nil:
			case sameBank && a.c == ACT && isColumn(b.c):
				err = need(n[NRCD], "tRCD")
			case sameBank && a.c == ACT && b.c == PRE:
				err = need(n[NRAS], "tRAS")
			case sameBank && a.c == ACT && b.c == ACT:
				err = need(n[NRAS]+n[NRP], "tRC")
			case sameBank && a.c == PRE && b.c == ACT, sameRank && a.c == PRE && b.c == REF:
				err = need(n[NRP], "tRP")
			case sameBank && a.c == RD && b.c == PRE:
				err = need(n[NRTP], "tRTP")
			case sameBank && a.c == WR && b.c == PRE:
				err = need(n[NWL]+n[NBL]+n[NWR], "tWR")
			case sameRank && a.c == REF:
				err = need(n[NRFC], "tRFC")
			case sameRank && a.c == PRE && b.c == PRE && d.Standard == LPDDR4:
				err = need(n[NPPD], "tPPD")
			case sameRank && a.c == WR && b.c == RD:
				err = need(n[NWL]+n[NBL]+n[NWTRS], "tWTR_S")
			}
			if err == nil && d.Groups > 1 && sameGroup {
				switch {
				case a.c == b.c && isColumn(a.c):
					err = need(n[NCCDL], "tCCD_L")
				case a.c == WR && b.c == RD:
					err = need(n[NWL]+n[NBL]+n[NWTRL], "tWTR_L")
				case a.c == ACT && b.c == ACT:
					err = need(n[NRRDL], "tRRD_L")
				}
			}
			if err == nil && sameRank && a.c == ACT && b.c == ACT {
				err = need(n[NRRDS], "tRRD_S")
				if activates++; err == nil && activates == 5 {
					err = need(n[NFAW], "tFAW")
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// drawDevice draws a system, and often one with odd timing, so that rules bind that the parts' own
// numbers hide.
func drawDevice(t *rapid.T) Device {
	d := catalogue[rapid.IntRange(0, len(catalogue)-1).Draw(t, "device")]
	if rapid.Bool().Draw(t, "odd") {
		for p := range d.Timing {
			if Param(p) != NREFI && Param(p) != NBL && d.Timing[p] > 0 {
				d.Timing[p] = Clocks(rapid.IntRange(1, 60).Draw(t, Param(p).String()))
			}
		}
		// Parameters without which a datasheet makes no sense.
		d.Timing[NRL] = max(d.Timing[NRL], d.Timing[NWL])
		d.Timing[NCCDL], d.Timing[NRRDL] = max(d.Timing[NCCDL], d.Timing[NCCDS]), max(d.Timing[NRRDL], d.Timing[NRRDS])
		d.Timing[NWTRL] = max(d.Timing[NWTRL], d.Timing[NWTRS])
		d.Timing[NREFI] = 1500
		d.Policy = Policy{
			ReadQueue: rapid.IntRange(1, 40).Draw(t, "read queue"), WriteBuffer: rapid.IntRange(1, 40).Draw(t, "write buffer"),
			BankQueue: rapid.IntRange(1, 12).Draw(t, "bank queue"), WriteLow: rapid.IntRange(0, 10).Draw(t, "write low"),
			HitLimit: rapid.IntRange(1, 8).Draw(t, "hit limit"),
		}
	}
	return d
}

// drawLoad draws up to three streams in a few rows, so that requests meet in banks and bursts.
func drawLoad(t *rapid.T, most int) Load {
	l := Load{
		Outstanding: rapid.IntRange(0, 40).Draw(t, "outstanding"),
		CountWrites: rapid.Bool().Draw(t, "count writes"),
		PerChannel:  rapid.Bool().Draw(t, "per channel"),
	}
	if rapid.Bool().Draw(t, "limited") {
		l.RatePercent = rapid.IntRange(5, 100).Draw(t, "rate")
	}
	for range rapid.IntRange(1, 3).Draw(t, "streams") {
		rowBytes := rapid.Uint64Range(1, 2000).Draw(t, "row bytes")
		l.Streams = append(l.Streams, Stream{
			Write: rapid.Bool().Draw(t, "write"), Base: rapid.Uint64Range(0, 1<<16).Draw(t, "base"),
			RowBytes: rowBytes, Stride: rapid.Uint64Range(0, 1<<15).Draw(t, "stride"),
			Rows:       1 + rapid.IntRange(0, most).Draw(t, "rows")*16/int(16+rowBytes),
			ChunkBytes: rapid.Uint64Range(0, 512).Draw(t, "chunk"),
		})
	}
	return l
}

// tagged numbers the requests of a source.
type tagged struct {
	src  Source
	next uint32
}

// Fill implements Source.
func (s *tagged) Fill(buf []Request) int {
	n := s.src.Fill(buf)
	for i := range buf[:n] {
		buf[i].Tag = s.next
		s.next++
	}
	return n
}

// TestCommandsAreLegal plays random loads on random devices and has the oracle check all commands;
// every request is served exactly once, and the counts agree with the commands.
func TestCommandsAreLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDevice(t)
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		l := drawLoad(t, 2000)
		m, log, finished := watch(&d)
		src := &tagged{src: l.Source(&d)}
		s := m.Play(src, l.Pace(&d))

		count := map[Command]int64{}
		for channel := range log {
			if err := oracle(&d, log[channel]); err != nil {
				t.Fatalf("%s, channel %d: %v", d.Name, channel, err)
			}
			for _, c := range log[channel] {
				count[c.c]++
			}
		}
		if s.Activates != count[ACT] || s.Precharges != count[PRE] || s.Reads != count[RD] || s.Writes != count[WR] || s.Refreshes != count[REF] {
			t.Fatalf("counts %+v, commands %v", s, count)
		}
		if s.Requests != int64(src.next) || s.Requests != s.Reads+s.Writes+s.Merged+s.Forwarded {
			t.Fatalf("%d requests made, counts %+v", src.next, s)
		}
		for tag := range src.next {
			if finished[tag] != 1 {
				t.Fatalf("request %d finished %d times", tag, finished[tag])
			}
		}
		if busy := (s.Reads + s.Writes) * int64(d.Timing[NBL]); busy > int64(s.Clocks)*int64(d.Channels) {
			t.Fatalf("data buses were busy for %d clocks of %d", busy, s.Clocks)
		}
		if s.ActiveClocks < 0 || s.IdleClocks < 0 || s.ActiveClocks+s.IdleClocks != s.Clocks*Clocks(d.Channels*d.Ranks) {
			t.Fatalf("clocks with and without an open row: %d and %d of %d", s.ActiveClocks, s.IdleClocks, s.Clocks)
		}
		if m.InFlight() != 0 || s.ReadsDone != s.Requests-writesOf(&l, &d) {
			t.Fatalf("%d reads in flight after the end, %d done", m.InFlight(), s.ReadsDone)
		}
	})
}

// writesOf returns the writes that a load asks for.
func writesOf(l *Load, d *Device) int64 {
	var n int64
	for i := range l.Streams {
		if l.Streams[i].Write {
			n += int64(l.Streams[i].bursts(log2(int(d.BurstBytes()))))
		}
	}
	return n
}

// TestSkippingChangesNothing plays a load once from event to event and once clock by clock, with
// every step tried at every clock.
func TestSkippingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDevice(t)
		l := drawLoad(t, 300)
		fast, fastLog, _ := watch(&d)
		got := fast.Play(l.Source(&d), l.Pace(&d))

		slow, slowLog, _ := watch(&d)
		want := playSlowly(slow, l.Source(&d), l.Pace(&d))
		if got != want {
			t.Fatalf("%s: from event to event %+v\nclock by clock %+v", d.Name, got, want)
		}
		for channel := range slowLog {
			// The slow memory may go on refreshing for a few clocks after the end.
			for i, c := range fastLog[channel] {
				if i >= len(slowLog[channel]) || slowLog[channel][i] != c {
					t.Fatalf("%s: command %d of channel %d differs", d.Name, i, channel)
				}
			}
		}
	})
}

// playSlowly is Play without knowledge of events.
func playSlowly(m *Memory, src Source, pace Pace) Stats {
	var all []Request
	var buf [64]Request
	for n := src.Fill(buf[:]); n > 0; n = src.Fill(buf[:]) {
		all = append(all, buf[:n]...)
	}
	tick := func() {
		for _, c := range m.chans {
			c.sort = true
			c.tick(m.now)
		}
		m.land(m.now + 1)
	}
	for i := 0; i < len(all); {
		for range max(1, pace.PerClock) {
			if i == len(all) || pace.due(int64(i)) > m.now {
				break
			}
			counts := !all[i].Write || pace.CountWrites
			if counts && pace.Outstanding > 0 && m.flights >= pace.Outstanding || !m.Offer(all[i]) {
				break
			}
			if all[i].Write && pace.CountWrites {
				m.chans[m.decode.place(all[i].Addr).channel].landing.push(m.now + 1)
				m.flights++
			}
			i++
		}
		if i < len(all) {
			tick()
		}
	}
	for _, c := range m.chans {
		c.flush = true
	}
	for waiting := true; waiting; {
		tick()
		waiting = false
		for _, c := range m.chans {
			waiting = waiting || !c.settled()
		}
	}
	end := m.now
	for _, c := range m.chans {
		end = max(end, c.lastData)
	}
	for m.now < end {
		tick()
	}
	return m.Stats()
}
