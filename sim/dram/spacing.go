package dram

// spacing enforces the rules of a standard on one channel. It keeps the earliest instant of each
// command for every bank and for every bank group; a command may go to a bank when both allow it.
// Rules of wider scopes are entered in all groups that they cover.
type spacing struct {
	bank   []ready // by bank of the channel: ranks, then groups, then banks of a group
	group  []ready // by group of the channel
	within []membership
	after  [commands][]spacer
	// putsOff says which other banks a command can put off: closed ones, which want ACT next, or open
	// ones.
	putsOff [commands]struct{ closed, open bool }
	// recent holds the last instants of the commands that rules with a window count: for each such
	// rule and rank a ring, whose oldest entry head points to.
	recent  []Clocks
	head    []int32
	perRank int // groups
}

// ready holds the earliest instant of each command.
type ready [commands]Clocks

// membership says to which group and rank a bank belongs.
type membership struct {
	group, rank uint8
}

// spacer is a rule compiled for one device.
type spacer struct {
	scope   Scope
	after   Command
	latency Clocks
	window  int32 // 1, or the length of its rings
	ring    int32 // of the first rank, in head
	start   int32 // of that ring, in recent
}

// newSpacing compiles the rules of d. The device has passed Check.
func newSpacing(d *Device) *spacing {
	s := &spacing{
		bank:    make([]ready, d.Ranks*d.Banks()),
		group:   make([]ready, d.Ranks*d.Groups),
		within:  make([]membership, d.Ranks*d.Banks()),
		perRank: d.Groups,
	}
	for b := range s.within {
		s.within[b] = membership{group: uint8(b / d.BanksPerGroup), rank: uint8(b / d.Banks())}
	}
	for _, r := range d.Standard.Rules {
		p := spacer{scope: r.Scope, after: r.After, latency: r.Latency.In(&d.Timing), window: int32(r.Window)}
		if r.Scope == OtherRank && d.Ranks == 1 || p.latency <= 0 {
			continue
		}
		if r.Window > 1 {
			if r.Scope != SameRank {
				panic("dram: a rule with a window must have the scope of a rank")
			}
			p.ring, p.start = int32(len(s.head)), int32(len(s.recent))
			s.head = append(s.head, make([]int32, d.Ranks)...)
			s.recent = append(s.recent, make([]Clocks, d.Ranks*r.Window)...)
		}
		s.after[r.Before] = append(s.after[r.Before], p)
		if r.Scope != SameBank {
			o := &s.putsOff[r.Before]
			o.closed = o.closed || r.After == ACT
			o.open = o.open || r.After == RD || r.After == WR || r.After == PRE
		}
	}
	s.reset()
	return s
}

// reset forgets all commands.
func (s *spacing) reset() {
	clear(s.bank)
	clear(s.group)
	clear(s.head)
	for i := range s.recent {
		s.recent[i] = -never
	}
}

// earliest returns the first instant at which every rule allows c on the bank. REF goes to a whole
// rank; any bank of it will do.
func (s *spacing) earliest(c Command, bank int) Clocks {
	return max(s.bank[bank][c], s.group[s.within[bank].group][c])
}

// issue records that c went to the bank at t, and puts off all commands that a rule binds to it.
func (s *spacing) issue(c Command, bank int, t Clocks) {
	in := s.within[bank]
	rank := int32(in.rank)
	for i := range s.after[c] {
		p := &s.after[c][i]
		at := t + p.latency
		if p.window > 1 {
			at = s.oldest(p, rank, t) + p.latency
		}
		switch p.scope {
		case SameBank:
			e := &s.bank[bank][p.after]
			*e = max(*e, at)
		case SameGroup:
			e := &s.group[in.group][p.after]
			*e = max(*e, at)
		case SameRank:
			first := int(in.rank) * s.perRank
			delay(s.group[first:first+s.perRank], p.after, at)
		case SameChannel:
			delay(s.group, p.after, at)
		case OtherRank:
			first := int(in.rank) * s.perRank
			delay(s.group[:first], p.after, at)
			delay(s.group[first+s.perRank:], p.after, at)
		}
	}
}

// oldest enters t into the ring of a rule and rank and returns the instant that is now the oldest.
func (s *spacing) oldest(p *spacer, rank int32, t Clocks) Clocks {
	ring := s.recent[p.start+rank*p.window:][:p.window]
	h := &s.head[p.ring+rank]
	ring[*h] = t
	if *h++; *h == p.window {
		*h = 0
	}
	return ring[*h]
}

// delay puts off c in some groups.
func delay(groups []ready, c Command, at Clocks) {
	for i := range groups {
		e := &groups[i][c]
		*e = max(*e, at)
	}
}
