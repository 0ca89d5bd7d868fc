package dram

import (
	"fmt"
	"testing"
)

// device returns a known system.
func device(t interface {
	Helper()
	Fatal(...any)
}, name string) Device {
	t.Helper()
	d, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sent is a command in the past of a probe.
type sent struct {
	c    Command
	bank int
	at   Clocks
}

// TestRules probes both sides of the edge of each rule: after some commands, another is not allowed
// one clock before the instant that the datasheet's numbers give, and is allowed at it. The
// instants were worked out by hand from the device's parameters, as the comments show.
func TestRules(t *testing.T) {
	// Banks 0-3 are group 0 and 4-7 group 1 of the DDR4 part, and of the first rank of the DDR4 system
	// of two ranks, whose second rank is banks 8-15.
	for _, c := range []struct {
		name   string
		device string
		past   []sent
		next   Command
		bank   int
		at     Clocks
	}{
		{"nRCD before RD", "lpddr4_3200_x16", []sent{{ACT, 0, 10}}, RD, 0, 10 + 29},
		{"nRCD before WR", "lpddr4_3200_x16", []sent{{ACT, 0, 10}}, WR, 0, 10 + 29},
		{"nRAS", "lpddr4_3200_x16", []sent{{ACT, 0, 10}}, PRE, 0, 10 + 68},
		{"nRC", "lpddr4_3200_x16", []sent{{ACT, 0, 10}}, ACT, 0, 10 + 97}, // nRAS + nRP
		{"nRP", "lpddr4_3200_x16", []sent{{PRE, 3, 200}}, ACT, 3, 200 + 29},
		{"nRP does not bind other banks", "lpddr4_3200_x16", []sent{{PRE, 3, 200}}, ACT, 2, 0},
		{"nRTP", "lpddr4_3200_x16", []sent{{RD, 1, 100}}, PRE, 1, 100 + 12},
		{"nWR", "lpddr4_3200_x16", []sent{{WR, 1, 100}}, PRE, 1, 100 + 51}, // 14 + 8 + 29
		{"nRRD", "lpddr4_3200_x16", []sent{{ACT, 0, 10}}, ACT, 1, 10 + 16},
		{"nFAW binds the fifth ACT", "lpddr3_1600_x32", []sent{{ACT, 0, 0}, {ACT, 1, 8}, {ACT, 2, 16}, {ACT, 3, 24}}, ACT, 4, 40},
		{"nFAW is a window that slides", "lpddr3_1600_x32", []sent{{ACT, 0, 0}, {ACT, 1, 8}, {ACT, 2, 16}, {ACT, 3, 24}, {ACT, 4, 40}}, ACT, 5, 48},
		{"nFAW does not bind the fourth ACT", "lpddr3_1600_x32", []sent{{ACT, 0, 0}, {ACT, 1, 8}, {ACT, 2, 16}}, ACT, 3, 24}, // nRRD
		{"data bus, reads", "lpddr4_3200_x16", []sent{{RD, 0, 100}}, RD, 5, 100 + 8},
		{"data bus, writes", "lpddr4_3200_x16", []sent{{WR, 0, 100}}, WR, 5, 100 + 8},
		{"read to write", "lpddr4_3200_x16", []sent{{RD, 0, 100}}, WR, 5, 100 + 23}, // 28 + 8 + 1 - 14
		{"write to read", "lpddr4_3200_x16", []sent{{WR, 0, 100}}, RD, 5, 100 + 38}, // 14 + 8 + 16
		{"nPPD", "lpddr4_3200_x16", []sent{{PRE, 0, 100}}, PRE, 5, 100 + 4},
		{"LPDDR3 has no nPPD", "lpddr3_1600_x32", []sent{{PRE, 0, 100}}, PRE, 5, 0},
		{"nCCD_L", "ddr4_2400_x16_bghi", []sent{{RD, 0, 100}}, RD, 3, 100 + 6},
		{"nCCD_S", "ddr4_2400_x16_bghi", []sent{{RD, 0, 100}}, RD, 4, 100 + 4},
		{"nCCD_L, writes", "ddr4_2400_x16_bghi", []sent{{WR, 0, 100}}, WR, 3, 100 + 6},
		{"nCCD_S, writes", "ddr4_2400_x16_bghi", []sent{{WR, 0, 100}}, WR, 4, 100 + 4},
		{"nRRD_L", "ddr4_2400_x16_bghi", []sent{{ACT, 0, 100}}, ACT, 3, 100 + 8},
		{"nRRD_S", "ddr4_2400_x16_bghi", []sent{{ACT, 0, 100}}, ACT, 4, 100 + 7},
		{"nWTR_L", "ddr4_2400_x16_bghi", []sent{{WR, 0, 100}}, RD, 3, 100 + 25},                       // 12 + 4 + 9
		{"nWTR_S", "ddr4_2400_x16_bghi", []sent{{WR, 0, 100}}, RD, 4, 100 + 19},                       // 12 + 4 + 3
		{"other rank, reads", "ddr4_2400_x64_2r_bghi", []sent{{RD, 0, 100}}, RD, 8, 100 + 5},          // 4 + 1
		{"other rank, write to read", "ddr4_2400_x64_2r_bghi", []sent{{WR, 0, 100}}, RD, 8, 0},        // 12 + 4 + 1 - 17
		{"other rank, read to write", "ddr4_2400_x64_2r_bghi", []sent{{RD, 0, 100}}, WR, 8, 100 + 10}, // 17 + 4 + 1 - 12
		{"other rank, activates", "ddr4_2400_x64_2r_bghi", []sent{{ACT, 0, 100}}, ACT, 8, 0},
		{"nRP before REF", "lpddr4_3200_x16", []sent{{PRE, 6, 100}}, REF, 0, 100 + 29},
		{"nRFC before ACT", "lpddr4_3200_x16", []sent{{REF, 0, 100}}, ACT, 7, 100 + 448},
		{"nRFC before REF", "lpddr4_3200_x16", []sent{{REF, 0, 100}}, REF, 0, 100 + 448},
		{"nRFC does not bind the other rank", "ddr4_2400_x64_2r_bghi", []sent{{REF, 0, 100}}, ACT, 8, 0},
		{"the latest of several rules", "lpddr4_3200_x16", []sent{{ACT, 0, 10}, {RD, 0, 70}}, PRE, 0, 70 + 12}, // not 10 + 68
	} {
		t.Run(c.name, func(t *testing.T) {
			d := device(t, c.device)
			s := newSpacing(&d)
			for _, p := range c.past {
				s.issue(p.c, p.bank, p.at)
			}
			for _, probe := range []struct {
				at   Clocks
				want bool
			}{{c.at - 1, false}, {c.at, true}} {
				if probe.at < 0 {
					continue
				}
				if got := s.earliest(c.next, c.bank) <= probe.at; got != probe.want {
					t.Errorf("%v to bank %d allowed at %d: %v, want %v", c.next, c.bank, probe.at, got, probe.want)
				}
			}
		})
	}
}

// TestRuleAlone checks for each rule of each device that it binds by itself, so that none is
// covered up in TestRules by another for the same pair of commands.
func TestRuleAlone(t *testing.T) {
	for _, d := range catalogue {
		for i, r := range d.Standard.Rules {
			name := fmt.Sprintf("%s: %v %v-%v %v", d.Name, r.Scope, r.Before, r.After, r.Latency)
			if r.Latency.In(&d.Timing) <= 0 || r.Scope == OtherRank && d.Ranks == 1 {
				continue
			}
			alone := d
			alone.Standard = &Standard{"one rule", d.Standard.Rules[i : i+1]}
			s := newSpacing(&alone)
			last := Clocks(0)
			for k := range r.Window {
				last = Clocks(1000 + k)
				s.issue(r.Before, 0, last)
			}
			bank := 0
			if r.Scope == OtherRank {
				bank = d.Banks()
			}
			want := last - Clocks(r.Window-1) + r.Latency.In(&d.Timing)
			if got := s.earliest(r.After, bank); got != want {
				t.Errorf("%s: earliest %d, want %d", name, got, want)
			}
		}
	}
}

func TestLatencyString(t *testing.T) {
	if got, want := sum(NRL, NBL, NRTRS).less(NWL).String(), "nRL+nBL+nRTRS-nWL"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWindowOfOtherScope(t *testing.T) {
	d := device(t, "lpddr4_3200_x16")
	d.Standard = &Standard{"odd", []Rule{{SameBank, ACT, ACT, sum(NFAW), 4}}}
	defer func() {
		if got := recover(); got != "dram: a rule with a window must have the scope of a rank" {
			t.Errorf("panic %v", got)
		}
	}()
	newSpacing(&d)
}
