"""Accuracy: labelled clips, scores and the certificate."""
