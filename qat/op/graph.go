package op

import (
	"gorgonia.org/gorgonia"

	"dse/qat/kernel"
)

// Mode is read by the ops each time they run; the owner of the graph sets it between runs.
type Mode struct {
	// Training normalises with the batch's statistics and updates the running ones; otherwise the
	// running statistics are used.
	Training bool
	// BatchWeight is the weight of a training run's batch in the running statistics. If 0, each
	// norm's own momentum is used. Weights of 1, 1/2, 1/3, ... re-estimate them as plain averages.
	BatchWeight float32
	// Quantize switches fake-quantization of weights and activations on.
	Quantize bool
	// Calibrate makes each activation quantizer set its range from what it sees, in network order,
	// each seeing inputs that are already quantized; running statistics are left alone.
	Calibrate bool
}

// Graph builds one gorgonia expression graph for a fixed batch size.
type Graph struct {
	Expr  *gorgonia.ExprGraph
	Batch int
	Mode  *Mode

	team  *kernel.Team
	parts [][2]int // image ranges
	ids   uint64
}

// imagesPerPart is chosen so that a part of a small network's layer stays in a second-level cache
// while there are still more parts than cores.
const imagesPerPart = 8

// NewGraph returns an empty graph whose ops run on team.
func NewGraph(batch int, mode *Mode, team *kernel.Team) *Graph {
	if batch < 1 {
		panic("op: batch must be positive")
	}
	g := &Graph{Expr: gorgonia.NewGraph(), Batch: batch, Mode: mode, team: team}
	// At least four parts where the batch allows it, so that large images are shared out as well.
	per := max(1, min(imagesPerPart, batch/4))
	for lo := 0; lo < batch; lo += per {
		g.parts = append(g.parts, [2]int{lo, min(lo+per, batch)})
	}
	return g
}

func (g *Graph) nextID() uint64 { g.ids++; return g.ids }

// forEachPart runs f over the image ranges of the batch, concurrently.
func (g *Graph) forEachPart(f func(part int)) { g.team.Run(len(g.parts), f) }

// elements returns the range of a part in a tensor of total elements that has the batch first.
func (g *Graph) elements(part, total int) (lo, hi int) {
	per := total / g.Batch
	return g.parts[part][0] * per, g.parts[part][1] * per
}
