// Package surrogate predicts an objective from a few evaluated designs by Gaussian-process regression.
//
// The covariance is a sum over the variables, each by the kernel of cubic smoothing splines, and a part
// in which all variables act together:
//
//	k(x, y) = 1/n sum_j s(x_j, y_j) + r exp(-|x-y|^2 / (2 n l^2))
//	s(a, b) = B1(a) B1(b) + B2(a) B2(b)/4 - B4(|a-b|)/24
//
// with n variables in [0, 1] and the Bernoulli polynomials B. Sums fit what a design's genes do one by
// one, for which a few dozen designs are enough even with thirty variables; the joint part takes what is
// left. The share r, the length l and the noise are those of a small grid with the greatest likelihood,
// the scale and the mean have closed forms.
//
// Sources: Wahba, "Spline Models for Observational Data", SIAM 1990, sections 2 and 10; Rasmussen,
// Williams, "Gaussian Processes for Machine Learning", MIT Press 2006, sections 2.2, 2.7 and 5.4.1.
package surrogate

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Designs are the evaluated designs that objectives are fitted to. Their methods and those of their models
// may be called from one goroutine at a time.
type Designs struct {
	x                [][]float64
	sums, distances  *mat.SymDense // the parts of the covariance between designs, see parts
	sumTo, distantTo []float64     // the same between the designs and another, see Relate
	own              float64       // part of the sum of that other with itself
}

// Model is a process fitted to one objective.
type Model struct {
	designs *Designs
	kernel  kernel
	chol    mat.Cholesky
	inverse mat.SymDense // of the covariance
	mean    float64      // of the process
	scale   float64      // variance of a unit of covariance
	weights *mat.VecDense
	k       *mat.VecDense // scratch of Predict
}

// kernel is the covariance up to its scale.
type kernel struct {
	joint, length float64 // r and l
	noise         float64 // variance on the diagonal
}

// kernels is the grid that Fit chooses from.
var kernels = func() (grid []kernel) {
	for _, joint := range []float64{0.03, 0.3, 3} {
		for _, length := range []float64{0.15, 0.5} {
			for _, noise := range []float64{1e-6, 1e-3, 3e-2, 0.3} {
				grid = append(grid, kernel{joint, length, noise})
			}
		}
	}
	return grid
}()

// spline is the kernel s of cubic splines on [0, 1].
func spline(a, b float64) float64 {
	u, v, d := a-0.5, b-0.5, math.Abs(a-b)
	// B2(t) = t^2 - t + 1/6 and B4(t) = t^4 - 2 t^3 + t^2 - 1/30, at t - 1/2 and at d.
	b2 := (u*u - 1.0/12) * (v*v - 1.0/12) / 4
	q := d * (1 - d)
	return u*v + b2 - (q*q-1.0/30)/24
}

// parts returns the two terms of the covariance: the sum over variables and the squared distance, each
// divided by the number of variables.
func parts(x, y []float64) (sum, distance float64) {
	for j, a := range x {
		d := a - y[j]
		sum += spline(a, y[j])
		distance += d * d
	}
	n := float64(len(x))
	return sum / n, distance / n
}

func (k kernel) at(sum, distance float64) float64 {
	return sum + k.joint*math.Exp(-distance/(2*k.length*k.length))
}

// errSingular is returned by Fit for data that no kernel of the grid can take apart.
var errSingular = errors.New("surrogate: the designs cannot be told apart")

// New takes the designs x, whose variables lie in [0, 1]. It keeps x.
func New(x [][]float64) *Designs {
	n := len(x)
	d := &Designs{
		x: x, sums: mat.NewSymDense(n, nil), distances: mat.NewSymDense(n, nil), sumTo: make([]float64, n), distantTo: make([]float64, n),
	}
	for i := range x {
		for j := range i + 1 {
			sum, distance := parts(x[i], x[j])
			d.sums.SetSym(i, j, sum)
			d.distances.SetSym(i, j, distance)
		}
	}
	return d
}

// Relate sets the design that models predict next.
func (d *Designs) Relate(x []float64) {
	for i, y := range d.x {
		d.sumTo[i], d.distantTo[i] = parts(x, y)
	}
	d.own, _ = parts(x, x)
}

// Fit fits a process to the values y of the designs.
func (d *Designs) Fit(y []float64) (*Model, error) {
	n := len(d.x)
	if n != len(y) {
		panic("surrogate: one value per design is needed")
	}
	best, found := &Model{}, math.Inf(1)
	cov := mat.NewSymDense(n, nil)
	for _, k := range kernels {
		for i := range n {
			for j := range i + 1 {
				cov.SetSym(i, j, k.at(d.sums.At(i, j), d.distances.At(i, j)))
			}
			cov.SetSym(i, i, cov.At(i, i)+k.noise)
		}
		m := &Model{designs: d, kernel: k}
		if !m.chol.Factorize(cov) {
			continue
		}
		if loss := m.solve(y); loss < found {
			best, found = m, loss
		}
	}
	if math.IsInf(found, 1) || best.chol.InverseTo(&best.inverse) != nil {
		return nil, errSingular
	}
	best.k = mat.NewVecDense(n, nil)
	return best, nil
}

// solve finds mean, scale and weights for the factorised covariance C and returns twice the negative log
// likelihood at the best scale, up to a constant: n log(scale) + log det C.
//
//	mean = 1'C^-1 y / 1'C^-1 1,  scale = (y-mean)' C^-1 (y-mean) / n
func (m *Model) solve(y []float64) float64 {
	n := len(y)
	ones := mat.NewVecDense(n, nil)
	for i := range n {
		ones.SetVec(i, 1)
	}
	var w mat.VecDense
	if m.chol.SolveVecTo(&w, ones) != nil {
		return math.Inf(1)
	}
	rest := mat.NewVecDense(n, nil)
	rest.CopyVec(mat.NewVecDense(n, y))
	m.mean = mat.Dot(&w, rest) / mat.Dot(&w, ones)
	rest.AddScaledVec(rest, -m.mean, ones)
	m.weights = mat.NewVecDense(n, nil)
	if m.chol.SolveVecTo(m.weights, rest) != nil {
		return math.Inf(1)
	}
	// Values that are all the same have no scale; any small one will do.
	m.scale = max(mat.Dot(rest, m.weights)/float64(n), 1e-300)
	return float64(n)*math.Log(m.scale) + m.chol.LogDet()
}

// Predict returns the expected value of the design that was last related and its standard deviation, noise
// not included.
func (m *Model) Predict() (mean, deviation float64) {
	d := m.designs
	for i, sum := range d.sumTo {
		m.k.SetVec(i, m.kernel.at(sum, d.distantTo[i]))
	}
	mean = m.mean + mat.Dot(m.k, m.weights)
	own := m.kernel.at(d.own, 0) - mat.Inner(m.k, &m.inverse, m.k)
	return mean, math.Sqrt(max(0, own*m.scale))
}
