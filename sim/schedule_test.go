package sim

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
)

// mustSchedule plans n on a, or skips where it does not fit.
func mustSchedule(t *rapid.T, a *accel.Accelerator, n *models.Network, p *models.Precision) *Schedule {
	s, err := New(a, n)
	if err != nil {
		t.Skip(err)
	}
	plan, err := s.Schedule(p)
	if err != nil {
		t.Skip(err)
	}
	return plan
}

// The tiles of a step add up to what the step was priced at: whole bursts of every flow, cycles of
// array and vector unit, and the traffic of every memory.
func TestTilesAddUp(t *testing.T) {
	networks := []*models.Network{micro(t), large(t)}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(networks).Draw(t, "network")
		a := drawChip(t, rapid.Bool().Draw(t, "separate memories"))
		plan := mustSchedule(t, a, n, drawWidths(t, n))
		burst := float64(a.DRAM.Burst.Bits())
		for i := range plan.Steps {
			k := &plan.Steps[i]
			l := k.Layer
			var sum Tile
			count := 0
			var tile Tile
			for w := k.Walk(); w.Next(&tile); count++ {
				for f := range Flows {
					if tile.Streamed[f] < 0 || tile.Held[f] < 0 || tile.Enter[f] < 0 || tile.Pass[f] < 0 {
						t.Fatalf("%s: tile %d takes something back: %+v", l.Name, count, tile)
					}
					sum.Streamed[f] += tile.Streamed[f]
					sum.Held[f] += tile.Held[f]
					sum.Enter[f] += tile.Enter[f]
					sum.Pass[f] += tile.Pass[f]
				}
				if tile.Stream < 0 || tile.Fill < 0 || tile.Vector < 0 || tile.Passes < 1 {
					t.Fatalf("%s: tile %d: %+v", l.Name, count, tile)
				}
				sum.Stream += tile.Stream
				sum.Fill += tile.Fill
				sum.Vector += tile.Vector
			}
			if count != k.Tiles || !tile.LastOfVisit || !tile.LastOfRound {
				t.Fatalf("%s: %d tiles, planned %d; the last is %+v", l.Name, count, k.Tiles, tile)
			}
			for f, bits := range [Flows]unit.Bits{
				WeightFlow: l.DRAM.Weights.Read + l.DRAM.Metadata.Read, InputFlow: l.DRAM.Inputs.Read,
				ResidualFlow: l.DRAM.Residual.Read, OutputFlow: l.DRAM.Outputs.Write,
			} {
				moved := float64(sum.Streamed[f]+sum.Held[f]) * burst
				// A fractional share can leave the last burst of weights and of metadata not quite full.
				if moved < float64(bits)-1 || moved > float64(bits)+2*burst {
					t.Fatalf("%s: flow %d moves %v bits, the price says %v", l.Name, f, moved, bits)
				}
				if sum.Streamed[f]+sum.Held[f] != k.Flows[f].Bursts {
					t.Fatalf("%s: flow %d moves %d bursts, planned %d", l.Name, f, sum.Streamed[f]+sum.Held[f], k.Flows[f].Bursts)
				}
			}
			for _, c := range []struct {
				what       string
				got, price float64
			}{
				{"stream", float64(sum.Stream), float64(l.Busy.Compute)},
				{"fill", float64(sum.Fill + k.FirstLoad), float64(l.Busy.ArrayFill)},
				{"vector", float64(sum.Vector + k.After), float64(l.Busy.Vector)},
			} {
				if math.Abs(c.got-c.price) > 1 {
					t.Fatalf("%s: %s takes %v cycles, the price says %v", l.Name, c.what, c.got, c.price)
				}
			}
			checkPorts(t, k, &sum)
		}
	})
}

// checkPorts compares what a step's tiles move through each memory, DRAM's part as priced, with the
// price.
func checkPorts(t *rapid.T, k *StepSchedule, sum *Tile) {
	l := k.Layer
	ports := make([]Traffic, len(l.Ports))
	for f := range Flows {
		path := k.Flows[f].Path
		enter, pass := unit.Bits(sum.Enter[f]), unit.Bits(sum.Pass[f])
		last := path[len(path)-1]
		if f == OutputFlow {
			ports[last].Write += enter
		} else {
			ports[last].Read += enter
		}
		for i := 1; i < len(path); i++ {
			from, to := path[i-1], path[i]
			if f == OutputFlow {
				from, to = to, from
			}
			ports[from].Read += pass
			ports[to].Write += pass
		}
	}
	home := k.Flows[WeightFlow].Path[0]
	straight := unit.Bits(k.Flows[WeightFlow].Straight)
	ports[home].Write += l.DRAM.Weights.Read + l.DRAM.Metadata.Read - straight
	if straight > 0 {
		ports[k.Flows[WeightFlow].Path[1]].Write += straight
	}
	ports[k.Flows[InputFlow].Path[0]].Write += l.DRAM.Inputs.Read + l.DRAM.Residual.Read
	// What leaves for DRAM is not rounded to bursts in the memory it leaves.
	leaves := (1 - unit.Bits(l.Mapping.OutputResident)) * (l.SRAM.Outputs.Write - unit.Bits(k.AfterBits)) / unit.Bits(len(k.Flows[OutputFlow].Path))
	ports[k.Flows[OutputFlow].Path[0]].Read += leaves
	ports[k.Flows[OutputFlow].Path[0]].Read += unit.Bits(k.AfterBits)
	ports[k.Flows[OutputFlow].Path[0]].Write += unit.Bits(k.AfterBits)
	for m, got := range ports {
		if want := l.Ports[m]; math.Abs(float64(got.Read-want.Read)) > 8 || math.Abs(float64(got.Write-want.Write)) > 8 {
			t.Fatalf("%s: memory %d moves %v bits, the price says %v", l.Name, m, got, want)
		}
	}
}

// A 1x1 convolution from 4 to 4 channels of a 4x2 map on 2 columns, with accumulators for 4 positions:
// two output tiles of two rows, two column tiles. Nothing fits beside the buffers, so that inputs are
// streamed for each column tile; weights come once per visit.
//
//	order         inputs  weights  results (bytes)
//	column 0, 0   16      8        8
//	column 0, 1   16               8
//	column 1, 0   16      8        8
//	column 1, 1   16               8
func TestWalkByHand(t *testing.T) {
	p := walkPlan{
		order: InputsOuter, rounds: 1, positions: []float64{0.5, 0.5}, perBlock: 2,
		units: []walkUnit{
			{channels: 0.5, groups: 1, stream: 2, fill: 2, passes: 2, reads: 1, first: true, block: 1},
			{channels: 0.5, groups: 1, stream: 2, fill: 2, passes: 2, reads: 1, block: 1},
		},
		inputs: 32, again: 32, weightReads: 1, folds: 2,
	}
	p.total[dealInputs], p.total[dealWeights], p.total[dealOutputs], p.total[dealStream] = 64, 16, 32, 32
	p.measure()
	w := Walk{plan: &p}
	var got Tile
	for i, want := range []Tile{
		{Passes: 2, Stream: 8, Streamed: [Flows]int64{WeightFlow: 8, InputFlow: 16, OutputFlow: 8}},
		{Passes: 2, Stream: 8, Streamed: [Flows]int64{InputFlow: 16, OutputFlow: 8}, LastOfVisit: true},
		{Passes: 2, Stream: 8, Streamed: [Flows]int64{WeightFlow: 8, InputFlow: 16, OutputFlow: 8}},
		{Passes: 2, Stream: 8, Streamed: [Flows]int64{InputFlow: 16, OutputFlow: 8}, LastOfVisit: true, LastOfRound: true},
	} {
		if !w.Next(&got) || got != want {
			t.Errorf("tile %d is %+v, want %+v", i, got, want)
		}
	}
	if w.Next(&got) {
		t.Errorf("one more: %+v", got)
	}

	// Weights outer in two rounds of one column tile. Half of a row of tiles is kept for the column tiles
	// of a round (here there is but one), and nothing from round to round: each round reads all inputs.
	// All of a round's weights are kept, so each comes once.
	p.order, p.rounds, p.heldRow, p.heldWeights = WeightsOuter, 2, 0.5, 1
	p.units[1].round = 1
	p.sum = [quantities]float64{}
	p.measure()
	w = Walk{plan: &p}
	for i, want := range []Tile{
		{Passes: 2, Stream: 8, Streamed: [Flows]int64{InputFlow: 16, OutputFlow: 8}, Held: [Flows]int64{WeightFlow: 8}, LastOfVisit: true},
		{Passes: 2, Stream: 8, Streamed: [Flows]int64{InputFlow: 16, OutputFlow: 8}, LastOfVisit: true, LastOfRound: true},
		{Round: 1, Passes: 2, Stream: 8, Streamed: [Flows]int64{InputFlow: 16, OutputFlow: 8}, Held: [Flows]int64{WeightFlow: 8}, LastOfVisit: true},
		{Round: 1, Passes: 2, Stream: 8, Streamed: [Flows]int64{InputFlow: 16, OutputFlow: 8}, LastOfVisit: true, LastOfRound: true},
	} {
		if !w.Next(&got) || got != want {
			t.Errorf("weights outer: tile %d is %+v, want %+v", i, got, want)
		}
	}
	if w.Next(&got) {
		t.Errorf("weights outer: one more: %+v", got)
	}
}

// Every order and every kind of block visits each column tile with each output tile just once.
func TestWalkVisitsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := walkPlan{order: Order(rapid.IntRange(0, 1).Draw(t, "order")), perBlock: rapid.IntRange(1, 5).Draw(t, "per block")}
		blocks := rapid.IntRange(1, 4).Draw(t, "blocks")
		positions := rapid.IntRange(1, 6).Draw(t, "output tiles")
		p.positions = make([]float64, positions)
		most := positions
		if p.order == WeightsOuter {
			most = p.perBlock
		}
		p.rounds = rapid.IntRange(1, most).Draw(t, "rounds")
		for i := range blocks * p.perBlock {
			p.units = append(p.units, walkUnit{round: i % p.perBlock * p.rounds / p.perBlock})
		}
		seen := map[[2]int]bool{}
		w := Walk{plan: &p}
		for w.advance() {
			at := [2]int{w.unit, w.position}
			if seen[at] {
				t.Fatalf("column tile %d meets output tile %d twice", w.unit, w.position)
			}
			seen[at] = true
			if p.order == WeightsOuter && p.units[w.unit].round != w.round {
				t.Fatalf("column tile %d in round %d", w.unit, w.round)
			}
		}
		if len(seen) != len(p.units)*positions {
			t.Fatalf("%d of %d tiles visited", len(seen), len(p.units)*positions)
		}
	})
}
