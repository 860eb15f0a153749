"""The figures: what Nương costs on the wire, on the phone and at the centre, beside its peers in the same run."""
