"""What is around Pixmill in a run: shops that upload and ask, hosts of images, receivers of webhooks. It
speaks to Pixmill by HTTP alone, notes what happened, and judges nothing.
"""
