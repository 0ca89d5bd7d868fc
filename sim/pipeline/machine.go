package pipeline

import (
	"fmt"
	"math"

	"dse/accel"
)

// Machine is an accelerator with described engines, in cycles and bytes.
type Machine struct {
	rows, cols   int
	least        float64 // cycles of the shortest pass
	issue        float64 // cycles between passes
	sharpness    float64
	bus, line    int     // bytes
	beat         float64 // cycles per beat
	hit          float64 // cycles per line
	miss, jump   float64
	write        float64 // cycles per row
	writeMiss    float64 // cycles per line
	conflict     float64
	cache        float64 // lines
	sets, ways   int
	setup        float64 // cycles per layer
	tile         float64 // cycles per tile
	product      float64
	tiling       float64 // cycles per tile size tried
	accumulators int     // rows of the accumulator: sums per column
	buffer       int     // rows of the scratchpad: elements of 8 bit per array row
}

// New returns the machine of an accelerator. Its outermost memory is the scratchpad.
func New(a *accel.Accelerator) (*Machine, error) {
	e := &a.Engines
	if !e.Described() {
		return nil, fmt.Errorf("%s: its engines are not described; give engines.request and the keys beside it", a.Name)
	}
	flight := float64(e.InFlight)
	m := &Machine{
		rows: a.Array.Rows, cols: a.Array.Cols,
		least:     float64(e.LeastPass),
		issue:     (float64(e.PassLatency) + float64(a.Array.Rows+2*a.Array.Cols)) / float64(e.PassesInFlight),
		sharpness: e.Sharpness,
		bus:       e.Bus / 8, line: int(e.Request),
		beat: 1 / e.BusEfficiency,
		hit:  float64(e.HitLatency) / flight, miss: float64(e.MissLatency) / flight, jump: float64(e.JumpLatency) / flight,
		write: float64(e.WriteLatency) / flight, writeMiss: float64(e.WriteMissLatency) / flight, conflict: float64(e.WriteConflict),
		cache: float64(e.Cache / e.Request), ways: e.CacheWays,
		setup: float64(a.Host.LayerSetup), tile: float64(e.TileSetup), product: float64(e.ProductSetup), tiling: float64(e.TilingStep),
		buffer:       int(a.Memories[0].Capacity) / a.Array.Rows,
		accumulators: int(a.Array.Accumulator.Capacity) * 8 / (a.Array.Accumulator.Width * a.Array.Cols),
	}
	m.sets = int(m.cache) / m.ways
	return m, nil
}

// Side returns the rows of the array, which are also the rows of a pass.
func (m *Machine) Side() int { return m.rows }

// Half returns the rows that a tile may take of the scratchpad and of the accumulator, in array rows,
// so that the next tile has as much.
func (m *Machine) Half() (scratchpad, accumulator int) { return m.buffer / 2, m.accumulators / 2 }

// coupled returns the time of engines that overlap through short queues.
func (m *Machine) coupled(times ...float64) float64 {
	longest := 0.0
	for _, t := range times {
		longest = max(longest, t)
	}
	if longest == 0 {
		return 0
	}
	sum := 0.0
	for _, t := range times {
		sum += math.Pow(t/longest, m.sharpness)
	}
	return longest * math.Pow(sum, 1/m.sharpness)
}
