"""The touch screen, a process of its own: it draws a :class:`~kiosk.screenmodel.ScreenModel` and sends back intents.

``view.ScreenView`` is the widget, ``app`` the process around it, ``hand`` touches it like a customer, ``fonts`` prepares the
faces it writes with. Importing this package imports no Kivy: ``environment.prepare`` must be able to run before that.
"""
