"""The portal's pages: each module one part of the house."""
