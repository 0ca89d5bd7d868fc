package sim

import (
	"fmt"
	"math"
	"testing"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/sim/systolic"
)

// stemOf returns the geometry of a 3x3 convolution with the given channels.
func stemOf(t *testing.T, a *accel.Accelerator, channels, height, width, filters, stride int) (*chip, *geometry) {
	t.Helper()
	n, err := models.MobileNetV2(models.MobileNetV2Config{
		Name: "stem", Image: models.Shape{C: channels, H: height, W: width}, Classes: 2, Stem: filters, StemStride: stride, Head: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := mustNew(t, a, n)
	return s.chip, s.steps[0].geometry
}

// element is an input element, or a weight by filter and position in the window.
type element [3]int

// walker counts the elements that cross from DRAM when a convolution is worked through tile by
// tile, element by element.
type walker struct {
	buffer  map[element]bool // the last chunk fetched, still there
	fetched int
}

// need fetches the elements that are not in the buffer, and makes the chunk the buffer.
func (w *walker) need(chunk map[element]bool) {
	for e := range chunk {
		if !w.buffer[e] {
			w.fetched++
		}
	}
	w.buffer = chunk
}

// inputsOf returns the inputs of channels [c0, c1) that the outputs [r0, r1) x [q0, q1) read.
func inputsOf(l *models.Layer, c0, c1, r0, r1, q0, q1 int) map[element]bool {
	set := map[element]bool{}
	for r := r0; r < r1; r++ {
		for q := q0; q < q1; q++ {
			for i := range l.Kernel.H {
				for j := range l.Kernel.W {
					y, x := r*l.Stride.H-l.Pad.Top+i, q*l.Stride.W-l.Pad.Left+j
					if y < 0 || x < 0 || y >= l.In.H || x >= l.In.W {
						continue
					}
					for c := c0; c < c1; c++ {
						set[element{c, y, x}] = true
					}
				}
			}
		}
	}
	return set
}

var oracleLayers = []struct{ channels, height, width, filters, stride int }{
	{5, 9, 7, 10, 1}, {5, 9, 7, 10, 2}, {3, 12, 5, 9, 1}, {8, 6, 6, 4, 2}, {2, 10, 3, 13, 1},
}

// oracleChip has a 4x3 array, whose rows take four input channels, and tiles of a few pixels.
func oracleChip(pixels int) *accel.Accelerator {
	a := small()
	a.Array.Rows, a.Array.Cols = 4, 3
	a.Array.Accumulator.Capacity = unit.Bytes(4 * 3 * pixels)
	a.Memories[0].Capacity = 1 << 20
	return a
}

// Without anything kept, each column tile streams the inputs of each pixel tile, four channels at a
// time; what the streaming buffer still holds from the tile before is not fetched again.
func TestStreamedInputsByElement(t *testing.T) {
	for _, d := range oracleLayers {
		for _, pixels := range []int{3, 8, 21, 1000} {
			_, g := stemOf(t, oracleChip(pixels), d.channels, d.height, d.width, d.filters, d.stride)
			l := g.layer
			for i := range g.tiles {
				tile := &g.tiles[i]
				w := walker{}
				for range g.reads {
					w.buffer = nil
					for r := 0; r < l.Out.H; r += tile.rows {
						for q := 0; q < l.Out.W; q += tile.cols {
							for c := 0; c < d.channels; c += g.tileInputs {
								if c > 0 || d.channels > g.tileInputs || tile.cols < l.Out.W {
									w.buffer = nil // other channels, or not the neighbour below
								}
								w.need(inputsOf(l, c, min(c+g.tileInputs, d.channels), r, min(r+tile.rows, l.Out.H), q, min(q+tile.cols, l.Out.W)))
							}
						}
					}
				}
				if got := tile.streamed * float64(g.reads); got != float64(w.fetched) {
					t.Errorf("%+v in tiles of %dx%d: model fetches %v, walking fetches %d", d, tile.rows, tile.cols, got, w.fetched)
				}
			}
		}
	}
}

// The compulsory traffic is each input that some output reads, once.
func TestCompulsoryInputsByElement(t *testing.T) {
	for _, d := range oracleLayers {
		_, g := stemOf(t, oracleChip(8), d.channels, d.height, d.width, d.filters, d.stride)
		l := g.layer
		if got, want := g.inputs, len(inputsOf(l, 0, d.channels, 0, l.Out.H, 0, l.Out.W)); got != float64(want) {
			t.Errorf("%+v: model reads %v inputs, outputs read %d", d, got, want)
		}
	}
}

// The orders of fetch, with all of a round's operand kept and nothing of the other, fetch what
// walking through the rounds fetches. A halo that the next round needs is still there.
func TestRoundsByElement(t *testing.T) {
	for _, d := range oracleLayers {
		for _, pixels := range []int{3, 8, 21} {
			c, g := stemOf(t, oracleChip(pixels), d.channels, d.height, d.width, d.filters, d.stride)
			l, first := g.layer, g.tiles[0]
			weights := g.window * g.filters
			for _, r := range g.rowGroups {
				// InputsOuter: a round's inputs are kept, weights come again each round.
				w := walker{}
				size := ceilDiv(ceilDiv(l.Out.H, first.rows), r.rounds) * first.rows
				fetchedWeights, rounds, most := 0, 0, 0
				for lo := 0; lo < l.Out.H; lo += size {
					round := inputsOf(l, 0, d.channels, lo, min(lo+size, l.Out.H), 0, l.Out.W)
					most = max(most, len(round))
					for range g.reads {
						w.need(round)
					}
					fetchedWeights += weights
					rounds++
				}
				room := room{inputs: r.inputs, shared: true, weights: r.inputs}
				f := c.fetch(&geometry{
					layer: l, tiles: g.tiles, rowGroups: []rowGroup{r}, reads: g.reads,
					inputs: g.inputs, weights: g.weights,
				}, &first, 1, 1, room, 1, 1)
				if rounds != r.rounds || float64(most) > r.inputs {
					t.Errorf("%+v: %d rounds of at most %d inputs, model has %+v", d, rounds, most, r)
				}
				if f.heldInputs == 1 && (f.inputs != float64(w.fetched) || math.Abs(f.weights-float64(fetchedWeights)) > 1e-9*f.weights) {
					t.Errorf("%+v, %d rounds: model fetches %v inputs, %v weights, walking %d, %d", d, r.rounds, f.inputs, f.weights, w.fetched, fetchedWeights)
				}
			}
		}
	}
}

// WeightsOuter with the round's weights and one row of tiles kept: each round of column tiles fetches
// its weights once and walks through all inputs.
func TestWeightRoundsByElement(t *testing.T) {
	chosen := 0
	for _, filters := range []int{20, 60, 61} {
		c, g := stemOf(t, oracleChip(8), 8, 40, 9, filters, 1)
		l, first := g.layer, g.tiles[0]
		for _, n := range g.channelGroups {
			row := g.rowGroups[len(g.rowGroups)-1].inputs
			space := row + g.weights/float64(n)
			f := c.fetch(g, &first, 1, 1, room{space, space, true}, 1, 1)
			if f.order != WeightsOuter || f.rounds != n {
				continue
			}
			chosen++
			inputs := walker{}
			weights := map[element]bool{}
			size := ceilDiv(g.reads, n) * c.array.Cols
			for lo := 0; lo < filters; lo += size {
				for k := lo; k < min(lo+size, filters); k++ {
					for e := range g.window {
						weights[element{k, e}] = true
					}
				}
				inputs.buffer = nil
				for r := 0; r < l.Out.H; r += first.rows {
					inputs.need(inputsOf(l, 0, l.In.C, r, min(r+first.rows, l.Out.H), 0, l.Out.W))
				}
			}
			if f.inputs != float64(inputs.fetched) || f.weights != float64(len(weights)) {
				t.Errorf("%d filters, %d rounds: model fetches %v inputs, %v weights, walking %d, %d", filters, n, f.inputs, f.weights, inputs.fetched, len(weights))
			}
		}
	}
	if chosen < 2 {
		t.Errorf("weights are outermost in %d cases only", chosen)
	}
}

// Fetch is as good as the best of a fine enumeration of what could be kept, for InputsOuter: for any
// split of the space between inputs and weights and any number of rounds, traffic is no lower.
func TestFetchSplitsSpaceBest(t *testing.T) {
	c, g := stemOf(t, oracleChip(8), 8, 30, 9, 20, 1)
	first := g.tiles[0]
	in, w := g.inputs, g.weights
	again := first.streamed * float64(g.reads)
	for space := 0.0; space < in+w; space += (in + w) / 37 {
		f := c.fetch(g, &first, 1, 1, room{space, space, true}, 1, 1)
		got := f.inputs + f.weights
		best := math.Inf(1)
		for _, r := range g.rowGroups {
			for i := 0; i <= 100; i++ {
				forInputs := space * float64(i) / 100
				h := min(1, forInputs/r.inputs)
				v := min(1, (space-forInputs)/w)
				n := float64(r.rounds)
				if r.rounds == 1 {
					v = 1
				}
				best = min(best, h*in+(1-h)*again+w*(v+(1-v)*n))
			}
		}
		if got > best+16 { // rounding up to bursts of 8 bits for each operand may tip the choice
			t.Errorf("space %v: fetch reads %v, some split reads %v", space, got, best)
		}
		if f.inputSpace+f.weightSpace > space*(1+1e-12) {
			t.Errorf("space %v: uses %v + %v", space, f.inputSpace, f.weightSpace)
		}
	}
}

// With memory and accumulators to spare, array cycles of an ungrouped convolution are those of
// package systolic, hence those of SCALE-Sim, in every dataflow.
func TestArrayCyclesAreSystolic(t *testing.T) {
	for _, d := range oracleLayers {
		for flow := accel.WeightStationary; flow <= accel.InputStationary; flow++ {
			for _, array := range []systolic.Array{{Rows: 4, Cols: 3}, {Rows: 8, Cols: 8}, {Rows: 3, Cols: 16}} {
				t.Run(fmt.Sprintf("%v/%v/%v", d, flow, array), func(t *testing.T) {
					a := oracleChip(8)
					a.Array.Rows, a.Array.Cols, a.Array.Dataflow = array.Rows, array.Cols, flow
					a.Array.Accumulator.Capacity = 1 << 20
					n, err := models.MobileNetV2(models.MobileNetV2Config{
						Name: "stem", Image: models.Shape{C: d.channels, H: d.height, W: d.width}, Classes: 2, Stem: d.filters, StemStride: d.stride, Head: 6,
					})
					if err != nil {
						t.Fatal(err)
					}
					r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
					for _, l := range r.Layers {
						if l.MACs == 0 {
							continue
						}
						layer := &n.Layers[l.Layer]
						p := systolic.Product{Pixels: layer.Out.H * layer.Out.W, Window: layer.Fanin(), Filters: layer.Out.C}
						// Column tiles share the fill of input-stationary folds in fractions, hence the rounding.
						if got, want := float64(l.Busy.Compute+l.Busy.ArrayFill), float64(array.Cycles(flow, p)); math.Abs(got-want) > 1e-12*want {
							t.Errorf("%s: %v cycles, want %v", l.Name, got, want)
						}
						x := array.Accesses(flow, p)
						if want := unit.Bits(8 * x.Weights); l.SRAM.Weights.Read != want {
							t.Errorf("%s: %v weight bits read, want %v", l.Name, l.SRAM.Weights.Read, want)
						}
						if want := unit.Bits(8 * x.Inputs); l.SRAM.Inputs.Read != want {
							t.Errorf("%s: %v input bits read, want %v", l.Name, l.SRAM.Inputs.Read, want)
						}
					}
				})
			}
		}
	}
}
