package bench

import (
	"context"
	"slices"
	"sync"
)

// Row is one line of the report: an algorithm on a problem, over seeds.
type Row struct {
	Problem     string    `json:"problem"`
	Algorithm   string    `json:"algorithm"`
	Evaluations int       `json:"evaluations"`
	Seeds       int       `json:"seeds"`
	Median      float64   `json:"hypervolume_median"`
	Q1          float64   `json:"hypervolume_q1"`
	Q3          float64   `json:"hypervolume_q3"`
	Ideal       float64   `json:"hypervolume_ideal"`
	Reference   []float64 `json:"reference_point"`
}

// Plan says what is measured.
type Plan struct {
	Seeds int
	// Large is the number of evaluations of NSGA-II, and of random search for comparison, within the near
	// corner; Small those of all algorithms within the wide one.
	Large int
	Small []int
	// Threads is how many runs go on at once; it changes no figure.
	Threads int
}

// Measure returns a row for each problem, algorithm and number of evaluations.
func Measure(ctx context.Context, problems []Problem, plan Plan) ([]Row, error) {
	var rows []Row
	for i := range problems {
		p := &problems[i]
		for _, a := range []Algorithm{Large, Random} {
			row, err := measure(ctx, p, a, plan.Large, p.Near, plan)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
		for _, n := range plan.Small {
			for _, a := range Small() {
				row, err := measure(ctx, p, a, n, p.Wide, plan)
				if err != nil {
					return nil, err
				}
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

func measure(ctx context.Context, p *Problem, a Algorithm, evaluations int, c Corner, plan Plan) (Row, error) {
	volumes := make([]float64, plan.Seeds)
	var wait sync.WaitGroup
	slots := make(chan struct{}, max(1, plan.Threads))
	for i := range volumes {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			volumes[i] = hypervolume(a.Solve(p, evaluations, uint64(i)+1), c)
			<-slots
		}()
	}
	wait.Wait()
	slices.Sort(volumes)
	return Row{
		Problem: p.Name, Algorithm: a.Name, Evaluations: evaluations, Seeds: plan.Seeds,
		Median: quantile(volumes, 0.5), Q1: quantile(volumes, 0.25), Q3: quantile(volumes, 0.75),
		Ideal: c.Ideal, Reference: c.Point,
	}, ctx.Err()
}

// quantile interpolates between sorted values.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	if i < 0 {
		return sorted[0]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
