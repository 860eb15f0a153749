"""The officer's app: built from TypeScript, served by the centre, at home on the phone."""
