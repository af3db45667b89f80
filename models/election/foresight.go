package election

// Believes reports whether Work would let a worker send a write at the time now
// of its own clock. It changes nothing.
func (o *Outside) Believes(client uint32, now uint64) bool {
	w := o.seen(client)
	return now < w.until && w.inFlight < MaxInFlight
}

// InFlight returns the number of a worker's writes in flight, each of which Land would
// let arrive. It changes nothing.
func (o *Outside) InFlight(client uint32) int { return o.seen(client).inFlight }

// seen returns the state of a worker; one that heard no answer yet holds nothing.
func (o *Outside) seen(client uint32) worker {
	for i := range o.workers {
		if o.workers[i].client == client {
			return o.workers[i]
		}
	}
	return worker{client: client}
}
